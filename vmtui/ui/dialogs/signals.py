"""The signals that can be sent, in the order of how gentle they are."""

from __future__ import annotations

from signal import Signals

from vmtui.ui.dialogs.choose import Choose, Option

SIGNALS: tuple[tuple[Signals, str], ...] = (
    (Signals.SIGTERM, "asks it to end"),
    (Signals.SIGINT, "as ctrl+c does"),
    (Signals.SIGHUP, "its terminal is gone; servers read their configuration again"),
    (Signals.SIGQUIT, "end and leave a core file"),
    (Signals.SIGKILL, "ends it without asking: nothing is cleaned up"),
    (Signals.SIGSTOP, "stands still until CONT; cannot be refused"),
    (Signals.SIGCONT, "goes on after STOP"),
    (Signals.SIGUSR1, "whatever it means to the program"),
    (Signals.SIGUSR2, "whatever it means to the program"),
    (Signals.SIGWINCH, "its window has another size"),
)


def signal_menu(name: str) -> Choose:
    """Which signal to send to `name` (display text); hands back an index into SIGNALS."""
    options = [
        Option(f"{signal.value:2d} {signal.name.removeprefix('SIG')}", words)
        for signal, words in SIGNALS
    ]
    return Choose(f"signal to {name}", options)
