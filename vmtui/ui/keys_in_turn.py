"""Keys one after the other: each is done before the next one is looked at.

Textual hands a key to the focused widget and goes on with the next at once, while the first still
bubbles up to the action it means. Whoever types quickly after a key that opens a dialog would have
the letters run as commands of the screen below. Here they wait for the dialog.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump
    from textual.screen import Screen

_PATIENCE_SECONDS = 0.5
"""A key that is not done by then holds up the others no longer."""


class KeysInTurn:
    """The keys of an app; the first one is done once it is `release`d. Belongs to its task."""

    def __init__(self, app: App[Any]) -> None:
        """Nothing waits."""
        self._app = app
        self._waiting: deque[events.Key] = deque()
        self._under_way: object = self
        """What stands for the key that is being done; None for none."""

    def holds(self, key: events.Key) -> bool:
        """Whether it has to wait; it comes again when it is its turn."""
        if self._under_way is not None:
            self._waiting.append(key)
        return self._under_way is not None

    def passed_on(self, screen: Screen[Any]) -> None:
        """A key was just handed to the focused widget, or to the screen, that was there then."""
        turn = self._under_way = object()
        self._app.set_timer(_PATIENCE_SECONDS, lambda: self._end(turn))
        node = self._app.focused or self._app.screen

        def once_more() -> None:  # the key's action may have said something that bubbles, too
            self._follow(node, lambda: self._settle(turn, screen))

        self._follow(node, once_more)

    async def release(self) -> None:
        """The next one."""
        self._under_way = None
        if self._waiting:
            await self._app.on_event(self._waiting.popleft())

    def _follow(self, node: MessagePump, arrived: Callable[[], None]) -> None:
        """Call `arrived` once what bubbles up from `node` has passed the app."""

        def passed() -> None:
            parent = None if node is self._app else node._parent
            if parent is None:
                arrived()
            else:
                self._follow(parent, arrived)

        if not node.call_later(passed):
            arrived()

    def _settle(self, turn: object, before: Screen[Any]) -> None:
        """The key's action is done; a screen that it opened has to stand first."""
        screen = self._app.screen
        if screen is before or not screen.call_after_refresh(self._end, turn):
            self._end(turn)

    def _end(self, turn: object) -> None:
        if turn is self._under_way:
            self._under_way = self
            self._app.call_later(self.release)
