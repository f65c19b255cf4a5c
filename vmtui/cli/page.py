"""`vmtui page PID ADDR`: one page, from the address's bits down to the frame and who shares it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from functools import partial

from vmtui.cli.arguments import add_output, seconds
from vmtui.cli.flat import flat
from vmtui.cli.output import Answer, deliver, line_width
from vmtui.cli.page_document import PageSeen, page_document
from vmtui.cli.table import Table, column
from vmtui.cli.target import add_target, opened
from vmtui.draw import hexdump, mapper_lines, page_lines
from vmtui.draw import walk as drawn_walk
from vmtui.draw.paint import Row, text_of
from vmtui.errors import VmtuiError
from vmtui.kernel import process_memory
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.model.mappers import Mappers
from vmtui.observe import mappers, page_view
from vmtui.observe.page_view import PageView
from vmtui.observe.symbols import Symbols
from vmtui.text import display, plain
from vmtui.told import Told

_ADDRESS = re.compile(r"(?:0x)?([0-9a-f]{1,16})", re.IGNORECASE)
_WIDTH, _WALK_LINES = 100, 17
_LINE = (column("", Unit.TEXT, plain, name="line", width=0),)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_target(parser)
    parser.add_argument(
        "address", type=address, metavar="ADDR", help="any address within the page, in hex"
    )
    parser.add_argument(
        "--bytes",
        action="store_true",
        help="show its bytes; reading them faults the page in, as if the process had read it",
    )
    parser.add_argument(
        "--search",
        type=seconds,
        default=5.0,
        metavar="S",
        help="look at most S seconds for others that map its frame (default 5)",
    )
    add_output(parser)


def address(word: str) -> int:
    """An address in hex, `0x` or not before it."""
    match = _ADDRESS.fullmatch(word)
    if match is None:
        raise argparse.ArgumentTypeError(f"{word!r} is not an address; one is 0x7f0000000000")
    return int(match[1], 16)


def run(arguments: argparse.Namespace) -> int:
    """Print the page."""
    with opened(arguments.pid) as target:
        deliver(arguments, partial(_answer, target, arguments), "looking for who maps its frame")
    return 0


def _answer(target: Target, asked: argparse.Namespace, told: Told) -> Answer:
    seen = _look(target, asked.address, asked.search, told, with_bytes=asked.bytes)
    made = page_document(seen)
    return Answer(lambda: made, tuple(_tables(seen)), csv=flat(made))


def _look(
    target: Target, address: int, search_seconds: float, told: Told, *, with_bytes: bool
) -> PageSeen:
    view = page_view.read_of(target, address)
    symbols = Symbols(target)
    symbols.refresh(view.vma.vmas.maps)
    place = symbols.place_of(address)
    search: Mappers | Missing
    if isinstance(view.wanted, Missing):
        search = view.wanted
    else:
        for search in mappers.search(view.wanted, seconds=search_seconds):
            told(search.searched, search.processes)
    contents: bytes | Missing = page_view.NOT_ASKED
    if with_bytes:
        try:
            contents = process_memory.read(target, view.start, PAGE_SIZE)
        except VmtuiError as error:
            contents = Missing.because(error)
    return PageSeen(view, place, search, contents)


# What people read


def _tables(seen: PageSeen) -> Iterator[Table]:
    view = seen.view
    cells = max(80, line_width() or _WIDTH)
    yield _lines([_headline(seen)])
    yield _lines(_walk_lines(view, cells))
    page = view.page
    yield _lines(
        _texts(page_lines.entry_rows(page.entry, page.frames_visible))
        + _texts(page_lines.frame_rows(page.frame_flags, page.map_count))
        + [f"  cgroup    {_shown(view.cgroup)}"]
    )
    if isinstance(seen.search, Missing):
        yield _lines([f"who maps it  {seen.search.reason}"])
    else:
        found = mapper_lines.rows(seen.search, cells, 1 << 20, view.pid)
        yield _lines(["who maps it", *_texts(found)])
    if isinstance(seen.contents, bytes):
        dump = hexdump.rows(seen.contents, view.start, 80, PAGE_SIZE)
        yield _lines(["bytes", *_texts(dump)])
    elif seen.contents is not page_view.NOT_ASKED:
        yield _lines([f"bytes  {seen.contents.reason}"])


def _headline(seen: PageSeen) -> str:
    view = seen.view
    state = view.state
    parts = [f"{view.address:012x} of process {view.pid}: {state.slot}, {state.meaning}"]
    vma = view.vma
    parts.append(f"{vma.start:x}-{vma.end:x} {vma.perms} {vma.name or vma.kind}")
    if not isinstance(view.file_offset, Missing):
        parts.append(f"file offset {view.file_offset:#x}")
    if not isinstance(seen.place.text, Missing):
        parts.append(str(seen.place.text))
    if view.page.in_swap and not isinstance(view.swap_path, Missing):
        parts.append(f"swap {display(view.swap_path)}")
    return " · ".join(parts)


def _walk_lines(view: PageView, cells: int) -> list[str]:
    walk = view.walk
    if isinstance(walk, Missing):
        return [f"walk  {walk.reason}"]
    box = drawn_walk.box_of(walk, view.state, view.page.pfn)
    picture = drawn_walk.without_colour(drawn_walk.rows(walk, box, min(cells, 160), _WALK_LINES))
    names = walk.geometry.levels
    return [*_texts(picture), "", *_texts([drawn_walk.tables_row(view.tables, names)])]


def _shown(value: bytes | Missing) -> str:
    return value.reason if isinstance(value, Missing) else str(display(value))


def _texts(rows: list[Row]) -> list[str]:
    return [line.rstrip() for line in text_of(rows).split("\n")]


def _lines(lines: list[str]) -> Table:
    return Table(_LINE, lines)
