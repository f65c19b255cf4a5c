"""The app: palette, keys and ways out. What is on screen is the screens' business."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, Literal

from rich.console import Console, RenderableType
from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter, NoColor
from textual.screen import Screen

from vmtui.text import display
from vmtui.ui import screenshot
from vmtui.ui.dialogs.help import HelpScreen
from vmtui.ui.dialogs.too_small import TooSmall
from vmtui.ui.frugal import Sent
from vmtui.ui.keymap import apply_keys, bind, key_words
from vmtui.ui.keys_in_turn import KeysInTurn
from vmtui.ui.lifeline import Lifeline
from vmtui.ui.palette import Depth, Palette
from vmtui.ui.settings import Settings
from vmtui.ui.terminal import is_too_small
from vmtui.ui.themes import projected, textual_themes
from vmtui.ui.unawaited import Unawaited

_STYLES = Path(__file__).parent / "styles"
_COLOR_SYSTEMS: dict[Depth, Literal["standard", "256", "truecolor"]] = {
    Depth.TRUE: "truecolor",
    Depth.C256: "256",
    Depth.C16: "standard",
    Depth.MONO: "standard",  # attributes such as bold and reverse need some system
}


class VmtuiApp(App[int], inherit_bindings=False):
    """Everything it needs comes through the constructor; nothing is looked up."""

    CSS_PATH: ClassVar[list[Any]] = [_STYLES / "app.tcss", _STYLES / "dialogs.tcss"]
    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("help.show", "help", show=True),
        bind("app.palette", "command_palette"),
        bind("app.projector", "projector"),
        bind("app.screenshot", "take_picture"),
        bind("app.suspend", "suspend_process"),
        bind("app.quit", "quit", show=True),
        ("ctrl+c", "hint_quit"),
    ]

    def __init__(
        self,
        feed: Any,
        settings: Settings,
        first_screen: Callable[[], Screen[Any]],
        *,
        depth: str = Depth.TRUE,
        ascii_only: bool = False,
        readonly: bool = False,
        lifeline: Lifeline | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        """An app that has not started yet.

        Args:
            feed: where samples come from; only the screens ask it anything.
            settings: what the user chose.
            first_screen: makes the screen it opens with.
            depth: truecolor, 256, 16 or mono.
            ascii_only: whether glyphs beyond ASCII are replaced.
            readonly: whether nothing outside vmtui may be changed (no signals).
            lifeline: ends the run on signals and a lost terminal; None in tests.
            driver_class: another driver than Textual's.
        """
        super().__init__(driver_class=driver_class)
        self.feed = feed
        self.settings = settings
        self.readonly = readonly
        self.ascii = ascii_only
        self.failure: BaseException | None = None
        """The unhandled exception that ended the run."""
        self.animation_level = "none"
        self._depth = Depth(depth)
        self._first_screen = first_screen
        self._lifeline = lifeline
        self._sent = Sent()
        self._keys = KeysInTurn(self)
        system = _COLOR_SYSTEMS[self._depth]
        self.console = Console(
            color_system=system, file=self.console.file, force_terminal=True, markup=False,
            highlight=False, emoji=False, legacy_windows=False, safe_box=False,
        )  # fmt: skip
        ours = textual_themes(self._depth)
        for theme in ours:
            self.register_theme(theme)
        name = f"vmtui-{settings.theme}"
        self.palette = Palette(name, self._depth)
        self.set_reactive(App.theme, name)
        for other in set(self.available_themes) - {theme.name for theme in ours}:
            self.unregister_theme(other)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_line_filters(self) -> list[LineFilter]:
        """None: the palette's colours are final. Textual's would turn 256 into true colour."""
        return [NoColor()] if self._depth is Depth.MONO else []

    def get_default_screen(self) -> Screen[Any]:
        """The screen it opens with."""
        return self._first_screen()

    def on_load(self) -> None:
        """Before the terminal is touched, see that it will be given back, and without delay."""
        asyncio.get_running_loop().set_default_executor(Unawaited())
        if self._lifeline:
            self._lifeline.guard(lambda code: self.exit(code, return_code=code))

    def on_mount(self) -> None:
        """The user's keys."""
        for sentence in apply_keys(self, self.settings.keys):
            self.notify(sentence, severity="warning", timeout=10)

    async def on_event(self, event: events.Event) -> None:
        """As Textual does, but a key waits for the one before it, the first for the first frame."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif not self._keys.holds(event):
            screen = self.screen
            await super().on_event(event)
            self._keys.passed_on(screen)

    async def on_ready(self) -> None:
        """Now the keys that were pressed on the first frame."""
        await self._keys.release()

    def watch_theme(self, name: str) -> None:
        """Another palette; widgets repaint themselves when Textual says that the theme changed."""
        self.palette = Palette(name, self._depth)

    def on_resize(self, event: events.Resize) -> None:
        """A card instead of a screen too small to mean anything."""
        self._sent.forget()  # a terminal that changes its size may rearrange what it shows
        small = is_too_small(event.size.width, event.size.height)
        if small and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall())
        elif not small and isinstance(self.screen, TooSmall):
            self.pop_screen()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every key of the screen is also in the palette."""
        seen = set()
        for node, binding, enabled, _ in screen.active_bindings.values():
            if enabled and binding.id and binding.action not in seen:
                seen.add(binding.action)
                key = self.get_key_display(binding)

                def run(action: str = binding.action, where: Any = node) -> None:
                    self.call_later(self.run_action, action, where)

                yield SystemCommand(binding.description, f"key {key}", run)
        yield SystemCommand("theme", "dark, light, for a projector", self.action_change_theme)

    def notify(self, message: str, *, markup: bool = False, **how: Any) -> None:
        """As Textual's, but never markup by default: a message may hold a name."""
        super().notify(message, markup=markup, **how)

    def get_key_display(self, binding: Binding) -> str:
        """A key as it is written here: `enter`, `/`, `ctrl+d`."""
        return key_words(binding.key)

    def action_help(self) -> None:
        """Keys, and what the screen says about itself in `HELP_ROWS`."""
        screen = self.screen
        about = getattr(screen, "HELP_ROWS", ())
        self.push_screen(HelpScreen(self, screen.active_bindings, about))

    def action_projector(self) -> None:
        """High contrast and back."""
        self.theme = projected(self.theme)

    def action_take_picture(self) -> None:
        """An SVG into the state directory."""
        try:
            self.notify(f"saved {display(str(screenshot.save(self)))}")
        except OSError as error:
            self.notify(f"no screenshot: {error.strerror}", severity="error")

    def action_hint_quit(self) -> None:
        """Ctrl+C by habit: say which key it is."""
        self.notify("press q to quit")

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, self._sent.reduced(renderable))

    def _handle_exception(self, error: Exception) -> None:
        self.failure = self.failure or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Textual's prints a page with local variables over the shell; ours goes to the log."""
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """Textual's last words, such as a broken input thread: out, without printing."""
        self.failure = self.failure or RuntimeError("the terminal could not be read")
        self._return_code = 1
        self._close_messages_no_wait()
