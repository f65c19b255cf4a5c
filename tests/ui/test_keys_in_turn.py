"""Keys typed ahead belong to what the key before them opened."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from tests.ui.made_up import app
from tests.ui.screens.test_lab import waited
from vmtui.ui.dialogs import Ask
from vmtui.ui.dialogs.help import HelpScreen
from vmtui.ui.screens.processes import ProcessesScreen


def typed_at_once(pilot: Pilot[Any], text: str) -> None:
    """All of it in the app's queue before the first is looked at."""
    for char in text:
        pilot.app.post_message(events.Key(_character_to_key(char), char))


@pytest.mark.parametrize("text", ["1234", "q3?t", "11111111111111111111"])
async def test_letters_after_a_dialogs_key_are_typed_into_it(text: str) -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        await waited(pilot, lambda: isinstance(observatory.screen, ProcessesScreen))
        typed_at_once(pilot, f":{text}")
        await waited(pilot, lambda: isinstance(observatory.screen, Ask))
        await waited(pilot, lambda: observatory.screen.query_one(Input).value == text)
        assert observatory.current_mode == "observe"


async def test_letters_after_the_filters_key_are_typed_into_it() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        await waited(pilot, lambda: isinstance(observatory.screen, ProcessesScreen))
        typed_at_once(pilot, "/pid:13q")
        await waited(pilot, lambda: observatory.screen.query_one(Input).value == "pid:13q")


async def test_a_key_after_a_mode_is_for_its_screen_and_order_is_kept() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        await waited(pilot, lambda: isinstance(observatory.screen, ProcessesScreen))
        typed_at_once(pilot, "3131313")
        await waited(pilot, lambda: not observatory._keys._waiting)
        await waited(pilot, lambda: observatory.current_mode == "lab")
        typed_at_once(pilot, "1?")
        await waited(pilot, lambda: isinstance(observatory.screen, HelpScreen))
        await waited(pilot, lambda: observatory.screen.query("#page"))
        await pilot.pause()
        assert observatory.current_mode == "observe"


async def test_a_key_whose_widget_is_gone_holds_up_nobody() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        await waited(pilot, lambda: isinstance(observatory.screen, ProcessesScreen))
        observatory._keys._under_way = object()  # never ends
        observatory._keys.passed_on(observatory.screen)
        await pilot.press("3")
        await waited(pilot, lambda: observatory.current_mode == "lab")


async def test_the_key_after_enter_in_the_filter_is_for_the_table() -> None:
    observatory = app()
    async with observatory.run_test(size=(80, 24)) as pilot:
        await waited(pilot, lambda: isinstance(observatory.screen, ProcessesScreen))
        typed_at_once(pilot, "/pid:1")
        observatory.post_message(events.Key("enter", "\r"))
        typed_at_once(pilot, "?")
        await waited(pilot, lambda: isinstance(observatory.screen, HelpScreen))
        await waited(pilot, lambda: observatory.screen.query("#page"))
        await pilot.pause()
        assert observatory.screen_stack[0].query_one(Input).value == "pid:1"
