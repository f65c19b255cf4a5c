"""The kernel's numbers for what the operations ask: <sys/mman.h>, madvise(2), mmap(2), x86-64."""

from __future__ import annotations

PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_SHARED, MAP_PRIVATE = 0x01, 0x02
MAP_ANONYMOUS = 0x20
MAP_NORESERVE = 0x4000
MAP_POPULATE = 0x8000
MAP_HUGETLB = 0x40000
MAP_FIXED_NOREPLACE = 0x100000
MAP_FIXED = 0x10

ADVICE = {
    "normal": 0,
    "random": 1,
    "willneed": 3,
    "dontneed": 4,
    "free": 8,
    "dontfork": 10,
    "dofork": 11,
    "hugepage": 14,
    "nohugepage": 15,
    "wipeonfork": 18,
    "keeponfork": 19,
    "cold": 20,
    "pageout": 21,
    "populate_read": 22,
    "populate_write": 23,
    "collapse": 25,
    "guard_install": 102,
    "guard_remove": 103,
}


def prot_bits(prot: str) -> int:
    """`rw-` as PROT_READ | PROT_WRITE."""
    return sum(bit for letter, bit in zip("rwx", (1, 2, 4), strict=True) if letter in prot)


def prot_in_c(prot: str) -> str:
    """`rw-` as C says it."""
    names = (("r", "PROT_READ"), ("w", "PROT_WRITE"), ("x", "PROT_EXEC"))
    return " | ".join(name for letter, name in names if letter in prot) or "PROT_NONE"


_TAKEN_IN_C = frozenset({
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
    "extern", "float", "for", "goto", "if", "int", "long", "main", "register", "return", "short",
    "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void",
    "volatile", "while", "read", "write", "open", "close", "fork", "mmap", "i", "k", "p", "fd",
    "inline", "restrict", "madvise", "munmap", "mprotect", "mlock", "printf", "turn", "wait",
})  # fmt: skip


def c_name(name: str) -> str:
    """A name of the script as C can have it."""
    name = name.replace("-", "_")
    return f"{name}_" if name in _TAKEN_IN_C else name
