"""One run of the app on this terminal: look at it, use it, give it back, say how it ended."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vmtui.ui.settings import Settings
from vmtui.ui.terminal import NoTerminal, Terminal, examine

if TYPE_CHECKING:
    from textual.screen import Screen

    from vmtui.ui.app import VmtuiApp


def run_app(
    feed: Any,
    settings: Settings,
    first_screen: Callable[[], Screen[Any]],
    *,
    readonly: bool = False,
    app_of: Callable[..., VmtuiApp] | None = None,
    before: Callable[[Terminal], None] | None = None,
) -> int:
    """Run the app until it ends; what went wrong is on stderr in one line.

    Args:
        feed: where samples come from; handed on to the screens.
        settings: what the user chose.
        first_screen: makes the screen it opens with; called once Textual is imported.
        readonly: whether nothing outside vmtui may be changed.
        app_of: makes the app from what `VmtuiApp` takes; that class itself by default.
        before: paints a first frame on the terminal; Textual is imported after that.

    Returns:
        The exit code: 0, 1 after an unhandled exception, 2 without a usable terminal,
        128 + the number of the signal that ended it (129 for a lost terminal).
    """
    try:
        terminal = examine()
    except NoTerminal as error:
        return _failed(f"vmtui: {error}", 2)
    from vmtui.ui.lifeline import Lifeline

    lifeline, app = Lifeline(), None
    try:
        with lifeline.before_the_app():
            if before is not None:
                before(terminal)
            # most of the start-up time is this: not before we know that there is a terminal
            from vmtui.ui.app import VmtuiApp
        app = (app_of or VmtuiApp)(
            feed,
            settings,
            first_screen,
            depth=terminal.depth if settings.colors == "auto" else settings.colors,
            ascii_only=terminal.ascii if settings.ascii is None else settings.ascii,
            readonly=readonly,
            lifeline=lifeline,
        )
        app.run(mouse=settings.mouse)
        failure, code = app.failure, app.return_code or 0
    except Exception as error:  # whatever it was, the terminal comes back and the cause is told
        failure, code = error, 1
        if app is None:
            lifeline.abandon()
    finally:
        lifeline.restore()
        gc.freeze()  # else Python, when it ends, looks through millions of records for seconds
    if lifeline.code is not None:
        return lifeline.code
    if failure is None:
        return code
    from vmtui.ui import crash

    return _failed(crash.report(failure), 1)


def _failed(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return code
