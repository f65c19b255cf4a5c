"""`:` inside a process: an address, or the name of a symbol, which a thread looks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vmtui.errors import VmtuiError
from vmtui.kernel import maps
from vmtui.kernel.target import Target
from vmtui.model.vmas import Vmas
from vmtui.observe.symbols import Symbols
from vmtui.text import DisplayText, display
from vmtui.told import Told, nobody
from vmtui.ui.aside import aside
from vmtui.ui.dialogs import Choose, Option
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.screens.target_screen import address_of

Found = Sequence[tuple[int, DisplayText]]
_MOST = 200


def go_somewhere(
    screen: ObserveScreen,
    pid: int,
    vmas: Vmas | None,
    go: Callable[[int], None],
    placeholder: str = "7f1a20000000, malloc",
) -> None:
    """Ask for an address, a symbol or a time; `go` is called with the address.

    Args:
        screen: over which it is asked.
        pid: the process.
        vmas: what it maps, as far as is known: an address must lie in it.
        go: what to do, on the UI thread.
        placeholder: examples.
    """

    def check(typed: str) -> str:
        address = address_of(typed)
        if address is not None and _mapped(vmas, address):
            return ""
        if address is not None and (not _may_be_a_name(typed) or typed.strip().startswith("0x")):
            return f"nothing is mapped at {address:012x}"
        return "" if _may_be_a_name(typed) else "type an address in hexadecimal, or a symbol"

    def take(typed: str) -> None:
        address = address_of(typed)
        if address is not None and _mapped(vmas, address):
            go(address)
        else:
            _look_for(screen, pid, typed.strip(), go)

    screen.ask_where("go to an address or a symbol", placeholder, check, take)


def _mapped(vmas: Vmas | None, address: int) -> bool:
    return vmas is None or vmas.index_of(address) is not None


def _may_be_a_name(typed: str) -> bool:
    """Whether it could be a symbol: those begin with a letter or the like."""
    word = typed.strip()
    return bool(word) and (word[0].isalpha() or word[0] in "_.$~") and word.isprintable()


def _look_for(screen: ObserveScreen, pid: int, name: str, go: Callable[[int], None]) -> None:
    if screen.session.tape is not None:
        screen.notify("a recording holds no files to look for symbols in", timeout=5)
        return

    def take(found: Found | VmtuiError) -> None:
        if isinstance(found, VmtuiError):
            screen.notify(str(found), timeout=5)
        elif not found:
            said = f"no symbol {display(name)} in the files that it maps"
            screen.notify(said, timeout=5)
        elif len(found) == 1:
            go(found[0][0])
        else:
            _choose(screen, found, go)

    aside(
        screen, f"looking for {display(name)}", lambda told: addresses_of(pid, name, told), take,
        group="symbol",
    )  # fmt: skip


def _choose(screen: ObserveScreen, found: Found, go: Callable[[int], None]) -> None:
    options = [Option(name, f"{address:012x}") for address, name in found[:_MOST]]

    def take(index: int | None) -> None:
        if index is not None:
            go(found[index][0])

    screen.app.push_screen(Choose("which of them", options), take)


def addresses_of(pid: int, name: str, told: Told = nobody) -> Found:
    """Where a process has symbols of that name; reads their files, so not on the UI thread.

    Args:
        pid: the process.
        name: of the symbol.
        told: hears how many of its files have been read.

    Raises:
        VmtuiError: it cannot be looked into.
    """
    with Target(pid) as target:
        symbols = Symbols(target)
        symbols.refresh(maps.read(target))
        return symbols.addresses_of(name, told)
