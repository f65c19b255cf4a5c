"""Text as fs/proc/task_mmu.c prints it, and a slow plain reader of it, for the fast ones' tests."""

import re
from dataclasses import dataclass

from hypothesis import strategies as st

_LINE = re.compile(
    rb"([0-9a-f]+)-([0-9a-f]+) (.{4}) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+) (?: *(.*))",
    re.DOTALL,
)


@dataclass(frozen=True)
class PlainVma:
    """One line of maps."""

    start: int
    end: int
    perms: bytes = b"rw-p"
    offset: int = 0
    major: int = 0
    minor: int = 0
    inode: int = 0
    name: bytes = b""

    def line(self) -> bytes:
        """The line, as show_map_vma() pads it."""
        head = (
            f"{self.start:08x}-{self.end:08x} {self.perms.decode()} {self.offset:08x} "
            f"{self.major:02x}:{self.minor:02x} {self.inode} "
        ).encode()
        return (head.ljust(73) + self.name if self.name else head) + b"\n"


def plainly_read(raw: bytes) -> list[PlainVma]:
    """The lines that do not overlap the last one kept, one at a time."""
    kept: list[PlainVma] = []
    for line in raw.split(b"\n")[:-1]:
        match = _LINE.fullmatch(line)
        assert match, line
        start, end, perms, offset, major, minor, inode, name = match.groups()
        vma = PlainVma(
            int(start, 16), int(end, 16), perms, int(offset, 16),
            int(major, 16), int(minor, 16), int(inode), name,
        )  # fmt: skip
        if not kept or vma.start >= kept[-1].end:
            kept.append(vma)
    return kept


NAMES = st.one_of(
    st.just(b""),
    st.sampled_from([b"[heap]", b"[stack]", b"[anon:a b]", b"/memfd:x (deleted)", b"[vsyscall]"]),
    st.binary(max_size=40).map(lambda tail: b"/" + tail.replace(b"\n", b"\\012")),
)
PERMS = st.sampled_from([b"rw-p", b"r--p", b"r-xp", b"---p", b"rw-s", b"--xp"])


NUMBERS = st.tuples(
    st.integers(0, (1 << 64) - 1),
    st.integers(0, 0xFFF),
    st.integers(0, 0xFFFFF),
    st.integers(0, (1 << 64) - 1),
)
"""Offset, major and minor device number, inode."""


@st.composite
def plain_vmas(draw: st.DrawFn, overlapping: bool = False) -> list[PlainVma]:
    """VMAs low to high; some begin before the last one's end if `overlapping`."""
    lowest_step = -(1 << 14) if overlapping else 0
    at, vmas = draw(st.integers(1 << 15, 1 << 63)), []
    for _ in range(draw(st.integers(0, 12))):
        at = max(0, at + draw(st.integers(lowest_step, 1 << 16)))
        size = draw(st.integers(1, 1 << 20))
        numbers = draw(NUMBERS)
        vmas.append(PlainVma(at, at + size, draw(PERMS), *numbers, draw(NAMES)))
        at += size
    return vmas
