"""Symbol tables of a library of LLVM's size: vmtui beside nm and pyelftools, in one run.

    python -m tests.bench.bench_symbols [--rounds N] [--library PATH]

A shared object of 200,000 functions is made with the assembler; `--library` adds one that exists.
Rounds go through every method in turn; the table gives medians, and the memory one fresh process
takes for reading the table, beyond what it had with everything imported.
"""

# ruff: noqa: T201 (a bench prints)
from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vmtui.kernel import mapped_files
from vmtui.missing import Missing
from vmtui.observe.symbol_cache import LoadedSymbols, SymbolCache

FUNCTIONS = 200_000
SAMPLE = 2000
MEMORY = """
import re, sys
from pathlib import Path
from tests.bench.bench_symbols import loaded
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
loaded(sys.argv[2])
before = peak()
table = loaded(sys.argv[1]).table
print(peak() - before, table.nbytes >> 10)
"""


def loaded(path: str) -> LoadedSymbols:
    """Headers and symbols, from a cache that knows nothing."""
    cache, raw = SymbolCache(), os.fsencode(path)
    image = cache.image(lambda: mapped_files.open_regular(raw, follow=True), raw)
    if isinstance(image, Missing):
        sys.exit(image.reason)
    found = cache.symbols(image, lambda: mapped_files.open_regular(raw, follow=True), raw)
    if isinstance(found, Missing):
        sys.exit(found.reason)
    return found


def made(directory: str) -> str:
    """A shared object of 200,000 functions of 64 bytes, with names as C++ makes them."""
    source, path = Path(directory) / "many.s", f"{directory}/many.so"
    with source.open("w") as file:
        file.write('.section .note.GNU-stack,"",@progbits\n.text\n')
        for number in range(FUNCTIONS):
            name = f"_ZN4llvm12SomeLongName{number:07d}EPNS_5ValueERKNS_9DebugLocE"
            file.write(
                f".globl {name}\n.type {name},@function\n{name}:\n.skip 64,0x90\n.size {name},64\n"
            )
    subprocess.run(["gcc", "-shared", "-o", path, str(source)], check=True)
    return path


def with_pyelftools(path: str) -> int:
    """The first symbols alone: the whole table would take ten seconds and more."""
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    with open(path, "rb") as file:
        elf = ELFFile(file)
        table = elf.get_section_by_name(".symtab") or elf.get_section_by_name(".dynsym")
        assert isinstance(table, SymbolTableSection)
        return sum(bool(table.get_symbol(row).name) for row in range(SAMPLE))


def nm(path: str, *options: str) -> None:
    """Nm, sorted by address as our table is."""
    subprocess.run(["nm", "-n", "-S", *options, path], stdout=subprocess.DEVNULL, check=True)


def measured(path: str, rounds: int) -> None:
    """Print what one library takes."""
    found = loaded(path)
    table = found.table
    dynamic = ("-D",) if found.source == ".dynsym" else ()
    asked = table.address[np.arange(100_000) % len(table)] + np.uint64(1)
    methods: dict[str, Callable[[], object]] = {
        "vmtui: headers and symbols": lambda: loaded(path),
        "100,000 addresses looked up": lambda: table.find(asked),
        f"pyelftools: {SAMPLE:,} symbols": lambda: with_pyelftools(path),
    }
    if shutil.which("nm"):
        methods["nm -n -S"] = lambda: nm(path, *dynamic)
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, work in methods.items():
            began = time.perf_counter()
            work()
            times.setdefault(name, []).append(time.perf_counter() - began)
    medians = {name: statistics.median(every) for name, every in times.items()}
    size = os.path.getsize(path) >> 20
    print(f"{os.path.basename(path)}: {size} MiB, {len(table):,} symbols from {found.source}")
    for name, median in medians.items():
        print(f"  {name:30}{median * 1e3:9.1f} ms")
    ours = medians["vmtui: headers and symbols"]
    whole = medians[f"pyelftools: {SAMPLE:,} symbols"] / SAMPLE * len(table)
    print(f"  pyelftools, all of them by that rate / vmtui: {whole / ours:.0f}")
    if "nm -n -S" in medians:
        print(f"  vmtui / nm: {ours / medians['nm -n -S']:.2f}")
    small = sys.executable
    printed = subprocess.check_output([sys.executable, "-c", MEMORY, path, small], text=True)
    peak, kept = map(int, printed.split())
    print(f"  memory at its peak +{peak / 1024:.0f} MiB (goal 60), kept {kept / 1024:.1f} MiB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--library", action="append", default=[])
    arguments = parser.parse_args()
    if shutil.which("gcc"):
        with tempfile.TemporaryDirectory() as directory:
            measured(made(directory), arguments.rounds)
    for path in arguments.library:
        measured(os.path.realpath(path), arguments.rounds)


if __name__ == "__main__":
    main()
