"""The key `e`: what is on screen into a new file, as a table, a document or a picture."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from vmtui.errors import VmtuiError
from vmtui.export.shown import Shown
from vmtui.observe.sample import Sample
from vmtui.text import display
from vmtui.told import Told
from vmtui.ui.aside import aside
from vmtui.ui.dialogs import Choose, Option
from vmtui.ui.places import new_file, state_directory
from vmtui.ui.screenshot import new_name, picture_of

if TYPE_CHECKING:
    from vmtui.ui.screens.observe import ObserveScreen

Make = Callable[[], bytes]


def ask_what(screen: ObserveScreen, shown: Shown | None, sample: Sample) -> None:
    """Ask for a format, then write the file; says where it is.

    Args:
        screen: what is exported.
        shown: its table, if it has one.
        sample: what it shows.
    """
    choices: list[tuple[Option, str, Make | None]] = []
    if shown is not None:
        host = screen.session.host
        rows = f"{shown.count:,} row{'s' * (shown.count != 1)}"
        choices = [
            (Option("CSV", f"{rows} for a spreadsheet"), "csv", shown.as_csv),
            (
                Option("JSON", "the same as a document"),
                "json",
                lambda: shown.as_json(host, sample.taken_at),
            ),
        ]
    choices.append((Option("SVG", "the screen as a picture"), "svg", None))

    def take(index: int | None) -> None:
        if index is None:
            return
        _, suffix, make = choices[index]
        if make is None:  # once the dialog is gone
            screen.call_after_refresh(_photograph, screen)
        else:
            _write(screen, new_name(suffix, shown.name if shown else ""), make)

    screen.app.push_screen(Choose("export what is shown", [each[0] for each in choices]), take)


def _photograph(screen: ObserveScreen) -> None:
    """The strips are the UI thread's; the picture is made of them elsewhere."""
    make = picture_of(screen.app)  # type: ignore[arg-type]  # every screen is our app's
    _write(screen, new_name("svg"), lambda: make.encode("utf-8", "surrogateescape"))


def _write(screen: ObserveScreen, name: str, make: Make) -> None:
    def work(told: Told) -> str:
        content = make()
        told(0, 0)  # whoever left wants no file
        try:
            fd, path = new_file(state_directory() / "exports", name)
            try:
                with os.fdopen(fd, "wb") as file:
                    file.write(content)
            except OSError:
                os.unlink(path)
                raise
        except OSError as error:
            raise VmtuiError(f"no export: {error.strerror}") from error
        return display(os.fsencode(path), limit=None)

    def take(saved: str | VmtuiError) -> None:
        if isinstance(saved, VmtuiError):
            screen.app.notify(str(saved), severity="error")
        else:
            screen.app.notify(f"saved {saved}", timeout=6)

    aside(screen, "exporting", work, take, group="export")
