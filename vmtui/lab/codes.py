"""Numbers that stand for words: signals with their codes, and errors of system calls."""

from __future__ import annotations

import errno
from collections.abc import Sequence


def fault_word(code: int) -> str:
    """`SIGSEGV SEGV_MAPERR` for the number that `fault_number` made."""
    if not code:
        return "none"
    return f"{_SIGNALS.get(code >> 16, code >> 16)} {_CODES.get(code, code & 0xFFFF)}"


def fault_number(signal: int, code: int) -> int:
    """A signal and its code as one number."""
    return signal << 16 | code


SIGSEGV, SIGBUS, SIGILL = 11, 7, 4
_SIGNALS = {SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL"}
_CODES = {
    fault_number(SIGSEGV, 1): "SEGV_MAPERR",
    fault_number(SIGSEGV, 2): "SEGV_ACCERR",
    fault_number(SIGSEGV, 128): "SI_KERNEL",
    fault_number(SIGBUS, 1): "BUS_ADRALN",
    fault_number(SIGBUS, 2): "BUS_ADRERR",
}
FAULT_NUMBERS = {word: number for number, word in _CODES.items()}
"""By the code's name, which is unique among those the theory predicts."""


def errno_word(number: int) -> str:
    """ENOMEM for 12; none for 0."""
    return errno.errorcode.get(number, str(number)) if number else "none"


def names_code(names: Sequence[str]) -> int:
    """Names of processes as one number; 0 for nobody."""
    return int.from_bytes(" ".join(sorted(names)).encode("ascii"), "little")


def names_of(code: int) -> str:
    """The names again: «large, small»; «nobody» for 0."""
    raw = code.to_bytes((code.bit_length() + 7) // 8, "little").decode("ascii")
    return ", ".join(raw.split()) or "nobody"
