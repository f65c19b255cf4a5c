"""The processes that experiments run in: one spawner, the specimens it forks, their forks.

Run by its path in a bare interpreter that is no fork of the app (`spawner.py` says how) and only
with the standard library, its lightest parts: what is imported here is memory that every fork has
to copy. A specimen does one request at a time and answers `(value, errno, minor, major)`.

What makes its counts exact: everything runs on one CPU; after each request the CPU's batches of
pages on their way to the LRU lists are drained, because a page in a batch counts as in use; malloc
never gives memory back, gc is off, and after a fork both sides make their own memory private at
once, so that no later copy-on-write of the interpreter's falls into a count.

How it dies: the app's end of a socket closes when the app dies in any way. The spawner then kills
what it started and waits for all of it (it adopts orphans); each specimen ends by itself as well.
"""

from __future__ import annotations

import _socket  # without the enum and selectors of `socket`
import ctypes
import gc
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn
if __name__ == "__main__":  # a program run by its path is in no package
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    import own_memory  # type: ignore[import-not-found,unused-ignore]
    import treadmill  # type: ignore[import-not-found,unused-ignore]
else:
    from vmtui.lab import own_memory, treadmill

PAGE_BYTES, PAGE_SHIFT = treadmill.PAGE_BYTES, treadmill.PAGE_SHIFT
SLOT_BYTES = PAGE_BYTES // 8 * (PAGE_BYTES // 8) ** 2 * PAGE_BYTES
"""What one entry of the topmost page table spans (512 GiB)."""
AREA_BYTES = 64 * SLOT_BYTES
"""Where regions may lie, from the first slot on: programs and libraries are far above."""
MOST_BYTES = 1 << 16
"""The longest message."""

_SIGKILL, _SIGTERM, _SIGCONT, _IGNORED = 9, 15, 18, 1
_MADV_COLD = 20
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_RUSAGE_SELF = 0
_TRACEME, _SETOPTIONS, _GETSIGINFO = 0, 0x4200, 0x4202
_EXITKILL = 0x10_0000
_SIGINFO_BYTES = 128
_LONG_ANSWERS = ("mmap", "mremap", "sbrk", "syscall")
_ERROR_ANSWERS = ("posix_fadvise", "posix_fallocate")
"""These return an error number and leave errno alone."""
_libc = ctypes.CDLL(None, use_errno=True)
_rehearsal = ctypes.CDLL(None, use_errno=True).labs
_rehearsal.restype = ctypes.c_long
_memory = treadmill.memory


class Specimen:
    """One process of an experiment and what it can do; a fork of it carries on as another."""

    def __init__(self, channel: int, area: int) -> None:
        self._channel = _socket.socket(fileno=channel)
        self._area = area
        self._files: list[int] = []
        self._passed: list[int] = []
        self._mills: dict[tuple[int, int], treadmill.Treadmill] = {}
        self._frozen = 0
        self._keeps = False
        self._before, self._after = (ctypes.c_long * 18)(), (ctypes.c_long * 18)()
        self._dummy = int(
            _function("mmap")(None, *map(ctypes.c_long, (2 * PAGE_BYTES, 3, 0x22, -1, 0)))
        )
        _memory[self._dummy] = _memory[self._dummy + PAGE_BYTES] = 1
        self._own = own_memory.find(area, area + AREA_BYTES)

    def serve(self) -> NoReturn:
        """Do requests until told to exit, or until nobody is there to ask."""
        self._rehearse()
        self._channel.send(marshal.dumps((os.getpid(), 0, 0, 0)))
        while True:
            data, self._passed = _receive(self._channel)
            if not data:
                os._exit(0)
            name, *arguments = marshal.loads(data)
            try:
                answer = getattr(self, f"do_{name}")(*arguments)
            except OSError as error:
                answer = (-1, error.errno, 0, 0)
            except Exception as error:  # the app says it: nobody reads a specimen's stderr
                answer = (repr(error), -1, 0, 0)
            if not self._keeps:
                self._drain()
            self._channel.send(marshal.dumps(answer))
            if name == "exit":
                os._exit(0)

    def do_call(self, name: str, *arguments: int | bytes) -> tuple[int, int, int, int]:
        """Any function of the C library, with the faults taken inside it."""
        function = _function(name)
        words = [
            ctypes.c_ulong(word & (1 << 64) - 1) if isinstance(word, int) else word
            for word in arguments
        ]
        value = error = 0
        # First something harmless, so that the interpreter's own pages are all there.
        for act in (_rehearsal, function):
            ctypes.set_errno(0)
            _libc.getrusage(_RUSAGE_SELF, self._before)
            value = act(*words)
            error = ctypes.get_errno()
            _libc.getrusage(_RUSAGE_SELF, self._after)
        if value != -1:
            error = 0
        if name in _ERROR_ANSWERS and value:
            value, error = -1, value
        return value, error, *self._faults()

    def do_calls(self, name: str, every: list[tuple[int, ...]]) -> tuple[int, int, int, int]:
        """The same function again and again; its first error, and all faults."""
        error = minor = major = 0  # nothing is kept of each call, so the heap stays as it is
        for each in every:
            _, wrong, small, large = self.do_call(name, *each)
            error, minor, major = error or wrong, minor + small, major + large
        return len(every), error, minor, major

    def do_touch(self, runs: list[tuple[int, int, int]], write: bool) -> tuple[int, int, int, int]:
        """Read or write the first byte of pages: (first page, how many, every which), in order."""
        pages = sum(count for _, count, _ in runs)
        treadmill.rehearse([count for _, count, _ in runs], write)
        for these in ([(self._dummy >> PAGE_SHIFT, 2, 1)], runs):
            _libc.getrusage(_RUSAGE_SELF, self._before)
            for first, count, stride in these:
                treadmill.touch(first, count, stride, write)
            _libc.getrusage(_RUSAGE_SELF, self._after)
        return pages, 0, *self._faults()

    def do_work(self, first: int, pages: int, *how: Any) -> tuple[int, ...]:
        """Touch the pages of a region over and over; see `Treadmill.run` for what is answered."""
        if not self._mills:  # what the loop needs is all there before anything is counted
            treadmill.Treadmill(self._dummy >> PAGE_SHIFT, 2).run(how[0], how[1], 10**7)
            own_memory.keep(own_memory.find(self._area, self._area + AREA_BYTES))
        mill = self._mills.setdefault((first, pages), treadmill.Treadmill(first, pages))
        touches, spent, minor, major = mill.run(*how)
        return touches, 0, minor, major, spent

    def do_read(self, address: int, size: int) -> tuple[bytes, int, int, int]:
        """What the memory holds."""
        return bytes(_memory[address : address + size]), 0, 0, 0

    def do_write(self, address: int, content: bytes) -> tuple[int, int, int, int]:
        """Change what it holds."""
        _memory[address : address + len(content)] = content
        return len(content), 0, 0, 0

    def do_memfd(self, name: str, pages: int) -> tuple[int, int, int, int]:
        """A file in memory, all holes."""
        fd = os.memfd_create(name)
        self._files.append(fd)
        os.ftruncate(fd, pages * PAGE_BYTES)
        return fd, 0, 0, 0

    def do_file(self, directory: str, pages: int, together: int) -> tuple[int, int, int, int]:
        """A file without a name, written that many pages at a time, so that those stay together."""
        fd = _nameless(directory)
        self._files.append(fd)
        rest = b"\1" * (PAGE_BYTES - 8)
        for page in range(0, pages, together):
            some = range(page + 1, min(pages, page + together) + 1)
            content = b"".join([number.to_bytes(8, "little") + rest for number in some])
            os.pwrite(fd, content, page * PAGE_BYTES)
        os.fsync(fd)
        return fd, 0, 0, 0

    def do_reset(self) -> tuple[int, int, int, int]:
        """Back to a process without regions and files."""
        for fd in self._files:
            os.close(fd)
        self._files = []
        self._mills = {}
        return self.do_call("munmap", self._area, AREA_BYTES)

    def do_fork(self) -> tuple[int, int, int, int]:
        """A child that answers on the socket that came with the request."""
        (channel,) = self._passed
        pid = os.fork()
        if pid == 0:
            self._channel.close()
            self._channel = _socket.socket(fileno=channel)
            self._frozen, self._mills = 0, {}
            self._rehearse()
            # What is returned now is the child's first answer: who it is.
            return os.getpid(), 0, 0, 0
        os.close(channel)
        self._rehearse()
        return pid, 0, 0, 0

    def do_poke(self, address: int, kind: str) -> tuple[int, ...]:
        """Have a child touch an address; it stays frozen where it faulted until released.

        Returns:
            Its pid, the signal, its code and address (-1 where unknown), and the errno of
            ptrace(2) where that was refused, in which case it is dead already.
        """
        self.do_release()
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            _poke(self._channel, tell, address, kind)
        os.close(tell)
        own_memory.make_private(self._own)
        _, status = os.waitpid(pid, 0)
        refused = int.from_bytes(os.read(told, 4), "little")
        os.close(told)
        if not os.WIFSTOPPED(status):
            return 0, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, -1, -1, refused
        _libc.ptrace(_SETOPTIONS, pid, None, _EXITKILL)
        self._frozen = pid
        info = (ctypes.c_int * (_SIGINFO_BYTES // 4))()
        _libc.ptrace(_GETSIGINFO, pid, None, info)
        where = ctypes.c_uint64.from_buffer(info, 16).value
        return pid, info[0], info[2], where, 0

    def do_release(self) -> tuple[int, int, int, int]:
        """Let go of the child that is frozen, if there is one."""
        if self._frozen:
            os.kill(self._frozen, _SIGKILL)
            os.waitpid(self._frozen, 0)
            self._frozen = 0
        return 0, 0, 0, 0

    def do_keep(self, batches: bool) -> tuple[int, int, int, int]:
        """Leave pages in the CPU's batches from now on, or not."""
        self._keeps = batches
        return 0, 0, 0, 0

    def do_reap(self, pid: int) -> tuple[int, int, int, int]:
        """Wait for a child; its wait status."""
        return os.waitpid(pid, 0)[1], 0, 0, 0

    def do_exit(self) -> tuple[int, int, int, int]:
        """End, after the answer."""
        return self.do_release()

    def _rehearse(self) -> None:
        """Do once what a request may do, so that later the memory for it is this process's own.

        After a fork a page of the interpreter's is copied when it is first written to, and the
        code of a library is mapped when it first runs: faults that no request shall count.
        """
        size = 2 * PAGE_BYTES
        own_memory.make_private(self._own)
        for _ in range(2):
            where, *_ = self.do_call("mmap", 0, size, 3, 0x8022, -1, 0)
            for write in (True, False):
                self.do_touch([(where >> PAGE_SHIFT, 2, 1)], write)
            for name in ("mlock", "munlock", "munmap"):
                self.do_call(name, where, size)
            marshal.loads(marshal.dumps(("rehearsal", [(where, 2, 1)], True)))
        self._drain()

    def _faults(self) -> tuple[int, int]:
        """Minor and major faults between `_before` and `_after`."""
        return self._after[8] - self._before[8], self._after[9] - self._before[9]

    def _drain(self) -> None:
        _libc.madvise(ctypes.c_ulong(self._dummy), ctypes.c_ulong(PAGE_BYTES), _MADV_COLD)


def _function(name: str) -> Callable[..., int]:
    """A function of the C library, its first instructions read so that they are there."""
    function = getattr(_libc, name)
    function.restype = ctypes.c_long if name in _LONG_ANSWERS else ctypes.c_int
    _ = _memory[ctypes.c_size_t.from_buffer(function).value]
    return function  # type: ignore[no-any-return]


def _poke(channel: _socket.socket, tell: int, address: int, kind: str) -> NoReturn:
    channel.close()
    _libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    ctypes.set_errno(0)
    traced = _libc.ptrace(_TRACEME, 0, None, None) != -1
    os.write(tell, (0 if traced else ctypes.get_errno()).to_bytes(4, "little"))
    if kind == "exec":
        ctypes.CFUNCTYPE(None)(address)()
    elif kind == "write":
        ctypes.c_ubyte.from_address(address).value = 1
    else:
        _ = ctypes.c_ubyte.from_address(address).value
    os._exit(0)


def _nameless(directory: str) -> int:
    """A file that no name leads to, so that nothing of it can be left behind."""
    try:
        return os.open(directory, os.O_TMPFILE | os.O_RDWR | os.O_EXCL, 0o600)
    except OSError:
        path = f"{directory}/.vmtui-{os.urandom(8).hex()}"
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_RDWR, 0o600)
        os.unlink(path)
        return fd


def _receive(channel: _socket.socket) -> tuple[bytes, list[int]]:
    """A message and the descriptors that came with it; an empty one is the end."""
    try:
        data, extra, _, _ = channel.recvmsg(MOST_BYTES, 32)
    except ConnectionError:
        return b"", []
    return data, [int.from_bytes(words[:4], sys.byteorder) for _, _, words in extra]


def spawn(control: _socket.socket) -> None:
    """Fork specimens as asked, until the app's end closes; then see every one of them dead."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        while _serve_app(control):
            pass
    finally:
        # The whole group, this process excepted. Numbers of processes could have been used again.
        _libc.signal(_SIGTERM, ctypes.c_void_p(_IGNORED))
        os.kill(0, _SIGTERM)
        os.kill(0, _SIGCONT)
        while _status_of(-1) >= 0:
            pass


def _serve_app(control: _socket.socket) -> bool:
    """Do one request; False when there is nobody to ask for anything."""
    data, passed = _receive(control)
    if not data:
        return False
    name, argument = marshal.loads(data)
    if name == "start":
        answer = os.fork()
        if answer == 0:
            _become_specimen(control, passed[0], argument)
        os.close(passed[0])
    else:
        answer = _status_of(argument)
    try:
        control.send(marshal.dumps((answer, 0, 0, 0)))
    except ConnectionError:
        return False
    return True


def _status_of(pid: int) -> int:
    """Wait for a process this one started or adopted; -1 when there is none."""
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return -1


def _become_specimen(control: _socket.socket, channel: int, area: int) -> NoReturn:
    """In the child: die with the spawner, and be the first to go when memory runs out."""
    try:
        control.close()
        _libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if os.getppid() == os.getsid(0):  # not adopted by somebody else yet
            with open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
                file.write(b"1000")
            Specimen(channel, area).serve()
    finally:
        os._exit(1)


def main(descriptor: int, cpu: int) -> None:
    """Be the spawner: `descriptor` is its socket, `cpu` where everything runs."""
    os.sched_setaffinity(0, {cpu})
    _libc.mallopt(_M_TRIM_THRESHOLD, -1)
    _libc.mallopt(_M_MMAP_MAX, 0)
    gc.disable()
    gc.freeze()
    spawn(_socket.socket(fileno=descriptor))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
