"""Symbols of running programs against nm, addr2line, readelf and smaps."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.running import Outcome, inside, one_sentence, program
from tests.truth.specimen import NOBODY, Specimen
from vmtui.errors import VmtuiError
from vmtui.kernel import debug_files, mapped_files, maps, perf_map
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.mapped_files import MappedFile
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.symbol_residency import FIGURES
from vmtui.observe import symbol_cache, symbol_pages
from vmtui.observe.symbol_cache import SymbolCache
from vmtui.observe.symbols import MappedObject, Symbols

AS_ROOT = os.geteuid() == 0
SOURCE = r"""
#include <stdio.h>
#include <unistd.h>
static char zeros[40 * 4096];
char filled[8 * 4096] = {1};
const char constant[4 * 4096] = {2};
__attribute__((noinline)) static int inner(int x) { return x * 3 + 1; }
__attribute__((noinline)) int outer(int x) { return inner(x) + inner(x + 1); }
int main(void) {
    zeros[4096] = zeros[2 * 4096] = 1;
    filled[3 * 4096] = 2;
    printf("%p %p %p %p %d\n", (void *)outer, (void *)inner, (void *)zeros, (void *)filled,
           outer(constant[4096]));
    fflush(stdout);
    getchar();
    return 0;
}
"""


def tool(*names: str) -> None:
    for name in names:
        if shutil.which(name) is None:
            pytest.skip(f"there is no {name}")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the program built in every way."""
    tool("gcc", "strip", "objcopy", "nm")
    where = tmp_path_factory.mktemp("symbols")
    where.chmod(0o755)
    (where / "made.c").write_text(SOURCE)

    def run(*command: str) -> None:
        subprocess.run(command, cwd=where, check=True, capture_output=True)

    build = ("-O1", "-Wl,--build-id", "made.c", "-o")
    run("gcc", "-pie", "-fPIE", *build, "pie")
    run("gcc", "-no-pie", "-fno-pie", *build, "fixed")
    run("gcc", "-static", "-no-pie", *build, "static")
    for name in ("pie", "fixed"):
        run("objcopy", "--only-keep-debug", name, f"{name}.debug")
        run("strip", "-o", f"{name}-bare", name)
        run("strip", "-o", f"{name}-linked", name)
        run("objcopy", f"--add-gnu-debuglink={name}.debug", f"{name}-linked")
    return where


@contextmanager
def running(path: Path, user: int = 0) -> Iterator[tuple[int, list[int]]]:
    """The program, and the addresses it tells."""
    whose: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user else {}
    with subprocess.Popen(
        [str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **whose
    ) as child:
        try:
            assert child.stdout is not None
            yield child.pid, [int(word, 16) for word in child.stdout.readline().split()[:4]]
        finally:
            child.kill()


@contextmanager
def looked_at(pid: int) -> Iterator[tuple[Target, Symbols]]:
    with Target(pid) as target:
        symbols = Symbols(target, SymbolCache())
        symbols.refresh(maps.read(target))
        yield target, symbols


def own(symbols: Symbols, path: Path) -> MappedObject:
    (found,) = [one for one in symbols.objects if one.path.startswith(bytes(path))]
    return found


@pytest.mark.parametrize("name", ["pie", "fixed", "static"])
def test_names_are_those_of_nm(compiled: Path, name: str) -> None:
    path = compiled / name
    with running(path) as (pid, told), looked_at(pid) as (_, symbols):
        for address, symbol in zip(told, ("outer", "inner", "zeros", "filled"), strict=True):
            assert symbols.name_of(address) == f"{name}!{symbol}"
            assert symbols.name_of(address + 3) == f"{name}!{symbol}+0x3"
            assert (address, f"{name}!{symbol}") in symbols.addresses_of(symbol)
        one = own(symbols, path)
        biases = {piece.bias for piece in one.pieces}
        assert len(biases) == 1
        assert (biases == {0}) == (name != "pie")
        agree_with_nm(path, symbols, one)


def agree_with_nm(path: Path, symbols: Symbols, one: MappedObject, *options: str) -> None:
    """In the middle of every function with a size, ours is one of those that nm lists there."""
    printed = subprocess.check_output(
        ["nm", "-S", "--defined-only", *options, str(path)], text=True
    )
    at: dict[tuple[int, int], set[str]] = {}
    for line in printed.splitlines():
        words = line.split()
        if len(words) == 4 and words[2] in "TtWwi":
            at.setdefault((int(words[0], 16), int(words[1], 16)), set()).add(words[3].split("@")[0])
    assert at
    bias = one.pieces[0].bias
    inside = [(start, size) for start, size in at if size]
    middles = np.array([start + size // 2 + bias for start, size in inside], np.uint64)
    around = {
        name for start, size in inside for name in at[start, size]
    }  # a function inside another is as right
    for key, name in zip(inside, symbols.names_of(middles), strict=True):
        assert not isinstance(name, Missing), key
        found = name.partition("!")[2].partition("+")[0]
        assert found in at[key] or found in around, (key, name)
        assert found in at[key] or len(at[key] & around)


@pytest.mark.parametrize("library", ["libc.so.6", "python"])
def test_own_libraries_against_nm(library: str) -> None:
    tool("nm")
    with Specimen() as specimen, looked_at(specimen.pid) as (_, symbols):
        for one in symbols.objects:
            if library in one.name and (loaded := symbols.symbols(one)):
                if isinstance(loaded, Missing):
                    continue
                path = Path(os.fsdecode(loaded.debug_file or one.path))
                options = ("-D",) if loaded.source == ".dynsym" else ()
                if loaded.source in (".symtab", ".dynsym", "debug file"):
                    agree_with_nm(path, symbols, one, *options)


def test_addresses_against_addr2line(compiled: Path) -> None:
    tool("addr2line")
    path = compiled / "pie"
    with running(path) as (pid, _), looked_at(pid) as (_, symbols):
        one = own(symbols, path)
        text = one.image.elf.section(b".text")
        assert text is not None
        inside = range(text.address, text.address + text.nbytes, 7)
        asked = "".join(f"{address:#x}\n" for address in inside)
        printed = subprocess.run(
            ["addr2line", "-f", "-e", str(path)],
            input=asked, capture_output=True, text=True, check=True,
        ).stdout.splitlines()[::2]  # fmt: skip
        sized = 0
        for address, theirs in zip(inside, printed, strict=True):
            place = symbols.place_of(address + one.pieces[0].bias)
            assert place.section == ".text"
            assert place.offset == address - text.address + text.offset
            if theirs != "??" and place.symbol:
                sized += 1
                assert place.symbol == theirs, hex(address)
        assert sized > 5


@pytest.mark.parametrize("name", ["pie", "fixed"])
@pytest.mark.parametrize("by", ["link", "build id", "nothing"])
def test_separate_debug_files(
    compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, by: str
) -> None:
    monkeypatch.setattr(debug_files.find, "__defaults__", (bytes(tmp_path),))
    path = compiled / (f"{name}-linked" if by == "link" else f"{name}-bare")
    with running(path) as (pid, told), looked_at(pid) as (_, symbols):
        one = own(symbols, path)
        if by == "build id":
            build_id = str(one.build_id)
            place = tmp_path / ".build-id" / build_id[:2] / f"{build_id[2:]}.debug"
            place.parent.mkdir(parents=True)
            place.symlink_to(compiled / f"{name}.debug")  # as some distributions have it
        found = symbols.name_of(told[0])
        if by == "nothing":
            assert re.fullmatch(rf"{name}-bare\+0x[0-9a-f]+ \(\.text\)", str(found))
        else:
            assert found == f"{path.name}!outer"
            loaded = symbols.symbols(one)
            assert not isinstance(loaded, Missing)
            assert loaded.debug_file is not None and loaded.source == "debug file"


def test_a_debug_file_of_another_build_does_not_count(compiled: Path, tmp_path: Path) -> None:
    lying = tmp_path / "pie-linked"
    shutil.copy(compiled / "pie-linked", lying)
    (tmp_path / "pie.debug").write_bytes((compiled / "fixed.debug").read_bytes())
    with running(lying) as (pid, told), looked_at(pid) as (_, symbols):
        assert "outer" not in str(symbols.name_of(told[0]))


@pytest.mark.skipif(not AS_ROOT, reason="needs root for map_files")
def test_a_deleted_file_and_another_in_its_place(compiled: Path, tmp_path: Path) -> None:
    path = tmp_path / "gone"
    shutil.copy(compiled / "fixed", path)
    with running(path) as (pid, told):
        path.unlink()
        shutil.copy(compiled / "pie", path)
        with looked_at(pid) as (_, symbols):
            assert symbols.name_of(told[0]) == "gone (deleted)!outer"


def test_only_the_mapped_file_is_opened_by_name(compiled: Path, tmp_path: Path) -> None:
    """The way of ordinary users: same inode or nothing, and never a device, pipe or link."""
    with running(compiled / "pie") as (pid, _), Target(pid) as target:
        found = maps.read(target)
        row = next(row for row, name in enumerate(found.names) if b"libc" in name)
        real = MappedFile(0, 1, int(found.device[row]), int(found.inode[row]), found.names[row])
        os.close(mapped_files._opened_by_name(target, real, changed=False))
        other = tmp_path / "other"
        other.write_bytes(b"x")
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        link = tmp_path / "link"
        link.symlink_to(os.fsdecode(found.names[row]))
        for path in (other, fifo, link, Path("/dev/zero"), tmp_path, tmp_path / "nothing"):
            wrong = MappedFile(0, 1, real.device, real.inode, bytes(path))
            with pytest.raises(VmtuiError):
                mapped_files._opened_by_name(target, wrong, changed=False)
            with pytest.raises(VmtuiError):
                mapped_files.reopened(os.open("/dev/zero", os.O_PATH), b"/dev/zero")


@pytest.mark.parametrize("name", ["pie", "fixed", "static"])
def test_bytes_in_memory_are_those_of_smaps(compiled: Path, name: str) -> None:
    """A quiet program: the VMAs of an object have the Rss and the private pages smaps says.

    Not Private_Dirty: it counts the pages of a file just written too, until they are on disk.
    """
    path = compiled / name
    with running(path) as (pid, _), looked_at(pid) as (target, symbols), Pagemap(target) as pagemap:
        raw = Path(f"/proc/{pid}/smaps").read_text()
        blocks = re.findall(
            r"^([0-9a-f]+)-([0-9a-f]+) .*\n((?:[A-Z]\w+: .*\n)+)", raw, re.MULTILINE
        )
        figures = {
            int(start, 16): dict(re.findall(r"(\w+): +(\d+) kB", text)) for start, _, text in blocks
        }
        for one in symbols.objects:
            pages = symbol_pages.read(target, pagemap, one)
            starts = {piece.start for piece in one.pieces}
            assert starts <= set(figures)
            for key, theirs in (("resident", "Rss"), ("private_dirty", "Anonymous")):
                expected = sum(int(figures[start][theirs]) * 1024 for start in starts)
                assert pages.figures[key] == expected, (one.name, key)
            sections = pages.sections()
            assert not isinstance(sections, Missing)
            for figure in FIGURES:
                assert sum(getattr(row, figure) for row in sections) == pages.figures[figure]
        made = symbol_pages.read(target, pagemap, own(symbols, path)).sections()
        assert not isinstance(made, Missing)
        rows = {str(row.name): row for row in made}
        assert rows[".bss"].resident >= 2 * PAGE_SIZE
        assert rows[".bss"].resident < 8 * PAGE_SIZE
        assert PAGE_SIZE // 2 <= rows[".data"].private_dirty <= 5 * PAGE_SIZE
        assert rows[".rodata"].private_dirty == 0


def test_functions_in_memory(compiled: Path) -> None:
    path = compiled / "static"
    with running(path) as (pid, told), looked_at(pid) as (target, symbols):
        one = own(symbols, path)
        loaded = symbols.symbols(one)
        assert not isinstance(loaded, Missing)
        with Pagemap(target) as pagemap:
            found = symbol_pages.read(target, pagemap, one).functions(loaded.table)
        names = [loaded.table.name(row) for row in found.rows.tolist()]
        row = names.index(b"outer")
        assert int(found.address[row]) == told[0]
        assert int(found.parts.resident[row]) == int(found.parts.size[row]) > 0
        assert int(found.parts.private_dirty.sum()) == 0


def test_labels_for_pages(compiled: Path) -> None:
    with running(compiled / "pie") as (pid, told), looked_at(pid) as (_, symbols):
        label = symbols.on_page(told[0])
        assert not isinstance(label, Missing)
        assert ".text" in label.sections
        assert {"outer", "inner", "main"} <= set(label.symbols)
        one = own(symbols, compiled / "pie")
        runs = symbols.runs(0, 1 << 47)
        ours = [run for run in runs if run.object == "pie"]
        assert sum(run.end - run.start for run in ours) == sum(
            piece.end - piece.start for piece in one.pieces
        )
        (bss,) = [run for run in ours if run.start <= told[2] + PAGE_SIZE < run.end]
        assert bss.sections == (".bss",)
        assert symbols.runs(told[2], told[2] + PAGE_SIZE)[0].object == "pie"


def test_the_cache(compiled: Path) -> None:
    cache = SymbolCache(most_bytes=1)
    with running(compiled / "pie") as (pid, told), Target(pid) as target:
        one, other = Symbols(target, cache), Symbols(target, cache)
        for symbols in (one, other):
            symbols.refresh(maps.read(target))
        assert str(one.name_of(told[0], may_load=False)).startswith("pie+0x")
        assert one.name_of(told[0]) == "pie!outer"
        assert other.name_of(told[0], may_load=False) == "pie!outer"
        first = one.symbols(own(one, compiled / "pie"))
        assert other.symbols(own(other, compiled / "pie")) is first
        for each in one.objects:
            one.symbols(each)
        assert len(cache._symbols) == 1  # the bound is tiny: the last one alone stays


def test_a_build_id_is_believed_of_files_of_root_alone(compiled: Path, tmp_path: Path) -> None:
    if not AS_ROOT:
        pytest.skip("needs root to own files as two users")
    path = tmp_path / "copy"
    shutil.copy(compiled / "pie", path)
    os.chown(path, NOBODY, NOBODY)
    keys = []
    for each in (compiled / "pie", path):
        image = SymbolCache().image(lambda each=each: os.open(each, os.O_RDONLY), b"x")  # type: ignore[misc]
        assert not isinstance(image, Missing)
        keys.append(symbol_cache._key(image))
    assert keys[0] != keys[1]
    assert len(keys[1]) == 1


def test_jit_maps(tmp_path: Path) -> None:
    with Specimen(as_nobody=AS_ROOT) as specimen:
        path = Path(f"/tmp/perf-{specimen.pid}.map")
        area = specimen.map("anon", 4)
        try:
            path.write_bytes(
                b"%x 20 old name\n%x 40 py::f:a b.py\nnonsense\n%x 10 \x1b[2J\n"
                % (area.start, area.start, area.start + 0x100)
            )
            if AS_ROOT:
                with looked_at(specimen.pid) as (_, symbols):
                    assert isinstance(symbols.jit, Missing)  # it is root's, not the process's
                    assert "own user" in symbols.jit.reason
                os.chown(path, NOBODY, NOBODY)
            with looked_at(specimen.pid) as (target, symbols):
                assert symbols.jit == "2 functions"
                assert symbols.name_of(area.start + 0x21) == "jit!py::f:a b.py+0x21"
                assert symbols.name_of(area.start + 0x100) == r"jit!\x1b[2J"
                assert isinstance(symbols.name_of(area.start + 0x50), Missing)
                before = perf_map.read(target)
                assert perf_map.read(target, before) is before
            path.unlink()
            path.symlink_to("/etc/passwd")
            with looked_at(specimen.pid) as (_, symbols):
                assert isinstance(symbols.jit, Missing)
                assert "regular" in symbols.jit.reason
        finally:
            path.unlink(missing_ok=True)


def document(*words: str) -> dict[str, Any]:
    outcome = program("symbols", *words, "--json")
    assert (outcome.code, outcome.err) == (0, ""), outcome
    made: dict[str, Any] = json.loads(outcome.out)
    assert made["schema"] == "vmtui.symbols/1"
    return made


def test_the_command(compiled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(compiled / "pie") as (pid, told):
        made = document(str(pid))
        objects = {Path(one["path"]).name: one for one in made["objects"]}
        assert {"pie", "libc.so.6"} <= set(objects)
        one = objects["pie"]
        assert re.fullmatch(r"[0-9a-f]{40}", one["build_id"])
        functions = {row["name"]: row for row in one["functions"]}
        assert int(functions["outer"]["address"], 16) == told[0]
        assert functions["outer"]["resident"] == functions["outer"]["size"]
        for figure in FIGURES:
            assert sum(row[figure] for row in one["sections"]) == one[figure]
        (alone,) = document(str(pid), "--object", "pie", "--sections")["objects"]
        assert alone["functions"] is None
        assert document(str(pid), "--object", "pie", "--sections")["missing"]["functions"]
        top = document(
            str(pid), "--functions", "--object", "libc.so.6", "--sort", "size", "--top", "3"
        )
        sizes = [row["size"] for row in top["objects"][0]["functions"]]
        assert sizes == sorted(sizes, reverse=True) and len(sizes) == 3
        for words, first in (
            (("--csv",), "start"), (("--csv", "--sections"), "address"),
            (("--csv", "--functions"), "address"),
        ):  # fmt: skip
            outcome = inside(capsys, "symbols", str(pid), *words)
            assert (outcome.code, outcome.err) == (0, "")
            assert outcome.out.startswith(first)
        table = inside(
            capsys, "symbols", str(pid), "--functions", "--object", str(compiled / "pie")
        )
        assert "outer" in table.out
        for refused_words, code, told_why in (
            ((str(pid), "--object", "nothing"), 1, "no object"),
            ((str(pid), "--sort", "colour"), 2, "sort"),
            ((str(pid), "--sections", "--functions"), 2, "not allowed"),
            ((str(2**22 + 1),), 3, "no process"),
        ):
            refused = inside(capsys, "symbols", *refused_words)
            assert refused.code == code, refused
            assert one_sentence(refused), refused
            assert told_why in refused.err


def test_as_nobody(compiled: Path) -> None:
    if not AS_ROOT:
        pytest.skip("needs root to become nobody")
    tool("setpriv")

    def nobody(*words: str) -> Outcome:
        dropped = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        done = subprocess.run(
            [*dropped, sys.executable, "-m", "vmtui", "symbols", *words],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "HOME": "/nonexistent"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout, done.stderr)

    if not nobody("--help").out:
        pytest.skip("nobody can execute no Python here, or not enter the checkout")
    path = Path("/tmp") / f"vmtui-symbols-{os.getpid()}"
    shutil.copy(compiled / "pie", path)
    try:
        with running(path, NOBODY) as (pid, told):
            path.unlink()
            outcome = nobody(str(pid), "--json")
            assert (outcome.code, outcome.err) == (0, ""), outcome
            made = json.loads(outcome.out)
            objects = {one["path"].rpartition("/")[2]: one for one in made["objects"]}
            assert "libc.so.6" in objects
            one = objects[f"{path.name} (deleted)"]  # through its exe link
            assert told[0] in [int(row["address"], 16) for row in one["functions"]]
    finally:
        path.unlink(missing_ok=True)
    with running(compiled / "pie") as (pid, _):
        refused = nobody(str(pid))
        assert refused.code == 4
        assert one_sentence(refused), refused
