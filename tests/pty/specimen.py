"""A small app for the pty tests: a table of hostile names, and keys that break things.

Run as a program: `python tests/pty/specimen.py`.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from tests.hostile import PAYLOADS
from vmtui.draw.edges import Heading
from vmtui.draw.paint import Row, row
from vmtui.text import display
from vmtui.ui.dialogs import Card, Confirm
from vmtui.ui.run import run_app
from vmtui.ui.settings import Settings
from vmtui.ui.widgets.lines import FooterBar, HeaderBar
from vmtui.ui.widgets.virtual_table import VirtualTable


class Specimen(Screen[None]):
    """Names in every widget that shows names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("x", "explode", "explode"),
        ("w", "explode_in_worker", "explode in a worker"),
        ("h", "hang", "hang"),
        ("l", "long_work", "long work"),
        ("n", "next_name", "next name"),
        ("c", "confirm", "confirm"),
        ("i", "card", "card"),
    ]
    at = 0

    def compose(self) -> ComposeResult:
        yield HeaderBar()
        yield VirtualTable()
        yield FooterBar()

    def on_mount(self) -> None:
        self.query_one(VirtualTable).set_source(list(range(len(PAYLOADS))), int, self._draw)
        self._say()

    def _say(self) -> None:
        self.query_one(HeaderBar).say(Heading((display(PAYLOADS[self.at]),), facts="ready"))

    def _draw(self, index: int, cells: int, selected: bool) -> Row:
        return row(f"{index:3d} ", display(PAYLOADS[index]))

    def action_next_name(self) -> None:
        self.at = (self.at + 1) % len(PAYLOADS)
        self._say()
        self.query_one(VirtualTable).select(self.at)
        self.app.notify(display(PAYLOADS[self.at]), timeout=1)

    def action_confirm(self) -> None:
        name = display(PAYLOADS[self.at])
        self.app.push_screen(Confirm(name, [("name", name)]))

    def action_card(self) -> None:
        self.app.push_screen(Card("card", [row(display(raw)) for raw in PAYLOADS]))

    def action_explode(self) -> None:
        raise RuntimeError("it broke: \x1b[2J \x9b31m")

    def action_explode_in_worker(self) -> None:
        def work() -> None:
            raise RuntimeError("a worker broke")

        self.run_worker(work, thread=True)

    def action_long_work(self) -> None:
        self.run_worker(threading.Event().wait, thread=True)
        self.app.notify("at work")

    def action_hang(self) -> None:
        time.sleep(60)


def first_screen() -> Screen[Any]:
    """What `run_app` opens with."""
    return Specimen()


if __name__ == "__main__":
    sys.exit(run_app(None, Settings(), first_screen))
