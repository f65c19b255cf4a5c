"""JIT maps: what their lines say, and that no bytes upset the parser."""

from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel.mapped_files import _fuse
from vmtui.kernel.maps import device_number
from vmtui.kernel.perf_map import PerfMap, parse


def names(found: PerfMap) -> list[bytes]:
    return [found.names[at : found.names.index(b"\0", at)] for at in found.name.tolist()]


def test_lines() -> None:
    found = parse(
        b"7f00 10 LazyCompile:~add /a b.js:1\n0x7f10 0X20 x\n\nnonsense\n7f30 zz y\n"
        b"7f40 1 \n 7f50 1 z\n7f60 1 last"
    )
    assert found.address.tolist() == [0x7F00, 0x7F10, 0x7F60]
    assert found.size.tolist() == [0x10, 0x20, 1]
    assert names(found) == [b"LazyCompile:~add /a b.js:1", b"x", b"last"]
    assert len(parse(b"").address) == 0


@given(st.binary(max_size=200) | st.text("0123456789abcdefx \n", max_size=200).map(str.encode))
def test_any_bytes(raw: bytes) -> None:
    found = parse(raw)
    assert len(found.address) == len(found.size) == len(names(found))


def test_which_mounts_are_fuse() -> None:
    text = (
        b"29 1 0:26 / /sys rw - sysfs sysfs rw\n"
        b"40 1 0:55 / /home/u/remote rw,nosuid - fuse.sshfs u@h:/ rw,user_id=1000\n"
        b"41 1 8:17 / /mnt/stick rw - fuseblk /dev/sdb1 rw\n"
        b"42 1 0:56 / /sys/fs/fuse/connections rw - fusectl fusectl rw\n"
        b"43 1 x:y / /odd rw - fuse odd rw\n44\n"
    )
    assert _fuse(text) == {device_number(0, 55), device_number(8, 17)}
