"""The figures of a process's lowest VMAs: the beginning of /proc/PID/smaps, read no further.

For a process whose interesting memory lies below its libraries: some 0.1 ms instead of the 1.5 ms
that all of smaps takes for a small interpreter. Rights and meaning as in `smaps`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from vmtui.errors import ParseError
from vmtui.kernel.files import translated
from vmtui.kernel.target import Target

_PIECE_BYTES = 1 << 16
_HEADER = re.compile(rb"^([0-9a-f]+)-([0-9a-f]+) ([rwxsp-]{4}) [0-9a-f]+ \S+ [0-9]+ *(.*)$", re.M)
_FIGURES = re.compile(rb"^(\w+): +([0-9]+) kB$", re.MULTILINE)
_FLAGS = b"\nVmFlags:"
_AFTER_FIGURES = b"\nTHPeligible:"


@dataclass(frozen=True, slots=True)
class VmaFigures:
    """One VMA. Figures in kB, as the kernel prints them: each is cut to whole kB."""

    start: int
    end: int
    perms: str
    """As in maps: `rw-p`."""
    name: bytes
    """Raw: untrusted."""
    flags: tuple[str, ...]
    """VmFlags; empty where the kernel prints none."""
    rss_kb: int
    pss_kb: int
    private_kb: int
    """Clean and dirty."""
    shared_kb: int
    """Clean and dirty."""
    anonymous_kb: int
    lazy_free_kb: int
    anon_huge_kb: int
    swap_kb: int
    swap_pss_kb: int
    locked_kb: int


def parse(raw: bytes) -> tuple[VmaFigures, ...]:
    """The VMAs in (a beginning of) the text of smaps, whole records only.

    Raises:
        ParseError: it does not look as documented.
    """
    headers = list(_HEADER.finditer(raw))
    if raw and (not headers or headers[0].start() != 0):
        raise ParseError("smaps: it does not begin with a VMA")
    ends = [header.start() for header in headers[1:]] + [len(raw)]
    return tuple(
        _vma(header, raw[header.end() : end]) for header, end in zip(headers, ends, strict=True)
    )


def read(target: Target, below: int) -> tuple[VmaFigures, ...]:
    """The VMAs that begin below an address, in order.

    Raises:
        ProcessGone, NotPermitted, NotSupported: by errno.
        ParseError: as `parse`.
    """
    fd = target.open("smaps")
    text = b""
    try:
        while piece := os.read(fd, _PIECE_BYTES):
            text += piece
            # A read ends with a whole record.
            last = text.rfind(b"\n", 0, text.rfind(b"\nSize:")) + 1
            if int(text[last : text.index(b"-", last)], 16) >= below:
                break
    except OSError as error:
        raise translated(error, f"/proc/{target.pid}/smaps", of_process=True) from error
    except ValueError as error:
        raise ParseError("smaps: it does not look as documented") from error
    finally:
        os.close(fd)
    return tuple(vma for vma in parse(text) if vma.start < below)


def _vma(header: re.Match[bytes], body: bytes) -> VmaFigures:
    start, end, perms, name = header.groups()
    at = body.find(_FLAGS)
    flags = body[at + len(_FLAGS) :].split() if at >= 0 else []
    try:
        kb = _figures(body)
        return VmaFigures(
            start=int(start, 16),
            end=int(end, 16),
            perms=perms.decode("ascii"),
            name=name,
            flags=tuple(flag.decode("ascii", "replace") for flag in flags),
            rss_kb=kb[b"Rss"],
            pss_kb=kb[b"Pss"],
            private_kb=kb[b"Private_Clean"] + kb[b"Private_Dirty"],
            shared_kb=kb[b"Shared_Clean"] + kb[b"Shared_Dirty"],
            anonymous_kb=kb[b"Anonymous"],
            lazy_free_kb=kb.get(b"LazyFree", 0),
            anon_huge_kb=kb.get(b"AnonHugePages", 0),
            swap_kb=kb[b"Swap"],
            swap_pss_kb=kb.get(b"SwapPss", 0),
            locked_kb=kb.get(b"Locked", 0),
        )
    except (KeyError, ValueError) as error:
        raise ParseError("smaps: a figure that every VMA has is absent") from error


def _figures(body: bytes) -> dict[bytes, int]:
    """The lines counted in kB. They come first: three words each, the quick way to split them."""
    words = body[: body.find(_AFTER_FIGURES)].split()
    if set(words[2::3]) == {b"kB"}:
        return {
            label[:-1]: int(number) for label, number in zip(words[::3], words[1::3], strict=True)
        }
    return {label: int(number) for label, number in _FIGURES.findall(body)}
