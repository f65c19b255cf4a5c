"""Every figure of a mapped object, of its sections and of its functions, declared once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.text import DisplayText

_PAGES = "/proc/PID/pagemap"
_ELF = "the file itself, found through /proc/PID/map_files"


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """An ELF file that a process maps."""

    path: DisplayText
    start: int
    """Its lowest address."""
    size: int | Missing
    resident: int | Missing
    private_dirty: int | Missing
    swapped: int | Missing
    build_id: str | Missing
    symbols: int | Missing
    """How many are known."""
    symbols_from: str | Missing
    """The tables they come from."""
    debug_file: DisplayText | Missing
    raw_path: bytes = b""


@dataclass(frozen=True, slots=True)
class PartRow:
    """A section or a function of an object."""

    object: DisplayText
    """The file's last part."""
    name: DisplayText
    address: int | Missing
    size: int
    resident: int
    private_dirty: int
    swapped: int


def resident_percent(row: Any) -> float | Missing:
    """How much of it is in memory, 0 to 100."""
    if isinstance(row.size, Missing) or isinstance(row.resident, Missing):
        return row.size or row.resident or Missing("not read")
    return 100 * row.resident / row.size if row.size else Missing("it has no size")


def _field(
    name: str,
    unit: Unit,
    *,
    meaning: str,
    source: str,
    shell: str,
    title: str = "",
    get: Callable[[Any], Any] | None = None,
    width: int = 7,
    leaves_below: int = 0,
    slot: str = "",
    default: bool = True,
) -> Field[Any]:
    return Field(
        id=name,
        title=title or name.upper(),
        unit=unit,
        help=meaning,
        source=source,
        shell=shell,
        get=get or (lambda row: getattr(row, name)),
        width=width,
        leaves_below=leaves_below,
        slot=slot,
        default=default,
    )


def _figures(what: str, size_shell: str) -> tuple[Field[Any], ...]:
    """The columns that objects, sections and functions share."""
    return (
        _field(
            "size",
            Unit.BYTES,
            meaning=f"Bytes of {what} that have addresses in the process.",
            source=_ELF,
            shell=size_shell,
        ),
        _field(
            "resident",
            Unit.BYTES,
            title="RESIDENT",
            width=9,
            meaning=(
                f"Bytes of {what} on pages that are in memory for this process;"
                " pages of zeros are not."
            ),
            source=f"{_PAGES}, bit 63",
            shell="vmtui symbols {pid}",
            slot="file",
        ),
        _field(
            "resident_percent",
            Unit.PERCENT,
            title="RES%",
            meaning=f"How much of {what} is in memory.",
            source=f"{_PAGES}, bit 63",
            shell="vmtui symbols {pid}",
            get=resident_percent,
            leaves_below=80,
        ),
        _field(
            "private_dirty",
            Unit.BYTES,
            title="DIRTY",
            meaning=(
                f"Bytes of {what} on pages that the process wrote to and shares with nobody:"
                " its own copies of the file's pages, and .bss."
            ),
            source=f"{_PAGES}, bits 63 and 56 without bit 61",
            shell=(
                "awk '/^[0-9a-f]+-/{{f=/FILE/}} f&&/^Anonymous:/{{s+=$2}} END{{print s*1024}}'"
                " /proc/{pid}/smaps"
            ),
            slot="anon",
        ),
        _field(
            "swapped",
            Unit.BYTES,
            title="SWAP",
            meaning=f"Bytes of {what} on pages of those that are in swap.",
            source=f"{_PAGES}, bit 62",
            shell="vmtui symbols {pid}",
            leaves_below=100,
            slot="swapped",
        ),
    )


OBJECT_FIELDS: tuple[Field[ObjectRow], ...] = (
    _field(
        "start",
        Unit.ADDRESS,
        meaning="The lowest address at which the object lies.",
        source="/proc/PID/maps",
        shell="cat /proc/{pid}/maps",
        leaves_below=100,
        width=12,
    ),
    *_figures("the object", "size FILE"),
    _field(
        "symbols",
        Unit.COUNT,
        meaning="How many functions and variables are known by name.",
        source=f"{_ELF}: .symtab, a separate debug file, .gnu_debugdata, .dynsym",
        shell="nm FILE | wc -l; nm -D FILE | wc -l",
        leaves_below=100,
    ),
    _field(
        "symbols_from",
        Unit.TEXT,
        title="FROM",
        meaning="Which tables the names come from; a debug file is found by build id or checksum.",
        source=_ELF,
        shell="readelf -S FILE",
        leaves_below=140,
        width=12,
    ),
    _field(
        "debug_file",
        Unit.TEXT,
        title="DEBUG FILE",
        meaning="The separate file that the names come from, where there is one.",
        source=_ELF,
        shell="ls /usr/lib/debug/.build-id",
        width=40,
        default=False,
    ),
    _field(
        "build_id",
        Unit.TEXT,
        title="BUILD ID",
        meaning="The number that a build of the object has, and its debug file with it.",
        source=f"{_ELF}: .note.gnu.build-id",
        shell="readelf -n FILE",
        width=40,
        default=False,
    ),
    _field(
        "path",
        Unit.TEXT,
        meaning="The file, as the process knows it.",
        source="/proc/PID/maps",
        shell="cat /proc/{pid}/maps",
        width=0,
    ),
)


def _named(what: str, shell: str, size_shell: str) -> tuple[Field[PartRow], ...]:
    return (
        _field(
            "address",
            Unit.ADDRESS,
            meaning=f"Where the {what} begins in the process.",
            source="/proc/PID/maps and the object's segments",
            shell=shell,
            width=12,
        ),
        *_figures(f"the {what}", size_shell),
        _field(
            "object",
            Unit.TEXT,
            meaning=f"The object that the {what} belongs to.",
            source="/proc/PID/maps",
            shell="cat /proc/{pid}/maps",
            width=20,
        ),
        _field(
            "name",
            Unit.TEXT,
            meaning=f"The {what}'s name as the file has it; what a compiler mangled stays so.",
            source=_ELF,
            shell=shell,
            width=0,
        ),
    )


SECTION_FIELDS = _named("section", "readelf -S FILE", "size -A FILE")
FUNCTION_FIELDS = _named("function", "nm FILE", "nm -S FILE")
