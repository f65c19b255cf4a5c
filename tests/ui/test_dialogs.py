"""Dialogs hand back what was chosen, by key or mouse, and paint names as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip

from tests.hostile import PAYLOADS
from tests.ui.stage import app_with, screen_lines
from vmtui.draw.paint import Paint, Row, Run, row, text_of, width
from vmtui.text import display
from vmtui.ui.app import VmtuiApp
from vmtui.ui.dialogs import (
    SIGNALS,
    Ask,
    Card,
    Choose,
    ChooseMany,
    Confirm,
    Item,
    Option,
    signal_menu,
)
from vmtui.ui.dialogs.prose import wrapped
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.virtual_table import VirtualTable

FRUIT = [Option("apple", "red"), Option("banana", "yellow"), Option("cherry", "red")]
NAMES = [display(raw) for raw in PAYLOADS]


async def answer_of(dialog: ModalScreen[Any], *keys: str, size: tuple[int, int] = (80, 24)) -> Any:
    """What the dialog hands back after the keys; "open" if it is still there."""
    app: VmtuiApp = app_with()
    answers: list[Any] = []
    async with app.run_test(size=size) as pilot:
        app.push_screen(dialog, answers.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return answers[0] if answers else "open"


@pytest.mark.parametrize(
    ("keys", "index"),
    [
        (["enter"], 1),
        (["down", "enter"], 2),
        (["up", "up", "up", "enter"], 0),
        (["c", "h", "enter"], 2),
        (["r", "e", "d", "down", "enter"], 2),
        (["x", "y", "z", "enter"], "open"),
        (["x", "backspace", "enter"], 0),
        (["escape"], None),
    ],
)
async def test_choose(keys: list[str], index: object) -> None:
    assert await answer_of(Choose("fruit", FRUIT, 1), *keys) == index


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["enter"], ("c", "a")),
        (["space", "enter"], ("a",)),
        (["j", "j", "space", "enter"], ("c", "a", "b")),
        (["J", "enter"], ("a", "c")),
        (["j", "K", "enter"], ("a", "c")),
        (["K", "enter"], ("c", "a")),
        (["j", "j", "space", "K", "K", "enter"], ("b", "c", "a")),
        (["escape"], None),
    ],
)
async def test_choose_many(keys: list[str], chosen: object) -> None:
    items = [Item("a", "A"), Item("b", "B", "the second"), Item("c", "C")]
    assert await answer_of(ChooseMany("columns", items, ["c", "a", "gone"]), *keys) == chosen


async def test_ask_says_what_is_wrong_and_waits() -> None:
    app = app_with()
    answers: list[Any] = []
    async with app.run_test(size=(80, 24)) as pilot:
        prompt = Ask("go to", check=lambda typed: "" if typed.isdecimal() else "not a PID")
        app.push_screen(prompt, answers.append)
        await pilot.pause()
        await pilot.press("x", "enter")
        await pilot.pause()
        assert any("not a PID" in line for line in screen_lines(app))
        await pilot.press("backspace", "4", "2")
        await pilot.pause()
        assert not any("not a PID" in line for line in screen_lines(app))
        await pilot.press("enter")
        await pilot.pause()
        assert answers == ["42"]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], False),
        (["n"], False),
        (["y"], True),
        (["tab", "enter"], True),
        (["right", "left", "enter"], False),
        (["escape"], None),
    ],
)
async def test_confirm_means_no_unless_told(keys: list[str], answer: object) -> None:
    question = Confirm("send KILL?", [("pid", "1234"), ("name", NAMES[0])], yes="send it")
    assert await answer_of(question, *keys) is answer


async def _click(pilot: Pilot[Any], words: str) -> None:
    for y, line in enumerate(screen_lines(pilot.app)):  # type: ignore[arg-type]
        if words in line:
            await pilot.click(offset=(line.index(words) + 1, y))
            await pilot.pause()
            return
    raise AssertionError(words)


@pytest.mark.parametrize(("words", "answer"), [("[ send it", True), ("[ no", False)])
async def test_answers_can_be_clicked(words: str, answer: bool) -> None:
    app = app_with()
    answers: list[Any] = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Confirm("send KILL?", yes="send it"), answers.append)
        await pilot.pause()
        await _click(pilot, words)
        assert answers == [answer]


async def test_a_click_beside_the_sheet_leaves_it() -> None:
    app = app_with()
    answers: list[Any] = []
    async with app.run_test(size=(120, 40)) as pilot:
        app.push_screen(Choose("fruit", FRUIT), answers.append)
        await pilot.pause()
        await pilot.click(offset=(1, 1))
        await pilot.pause()
        assert answers == [None]


async def test_options_can_be_clicked() -> None:
    app = app_with()
    answers: list[Any] = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Choose("fruit", FRUIT), answers.append)
        await pilot.pause()
        await _click(pilot, "cherry")
        await _click(pilot, "cherry")
        assert answers == [2]


async def test_signal_menu() -> None:
    index = await answer_of(signal_menu(NAMES[3]), "k", "i", "l", "l", "enter")
    assert SIGNALS[index][0].name == "SIGKILL"


async def test_help_lists_the_keys_that_work_here() -> None:
    app = app_with(VirtualTable())
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.pause()
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.pause()
        screen = "\n".join(screen_lines(app))
        assert "half a page down" in screen
        assert "q ctrl+q f10" in screen
        assert "Focus Next" not in screen
        await pilot.press("q")
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_a_long_card_scrolls() -> None:
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Card("long", [row(f"line {n}") for n in range(100)]))
        await pilot.pause()
        await pilot.pause()
        assert "line 0" in "\n".join(screen_lines(app))
        await pilot.press("ctrl+d", "j")
        await pilot.pause()
        assert "line 0 " not in "\n".join(screen_lines(app))
        await pilot.press("i")
        await pilot.pause()
        assert len(app.screen_stack) == 1


@pytest.mark.parametrize("first", range(0, len(NAMES), 12))
async def test_names_are_painted_as_they_are(first: int) -> None:
    names = NAMES[first : first + 12]
    title = names[0]
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        for dialog in (
            Choose(title, [Option(name) for name in names]),
            ChooseMany(title, [Item(str(at), name) for at, name in enumerate(names)], []),
            Confirm(title, [("name", name) for name in names]),
            Card(title, [row(name[:70]) for name in names]),
        ):
            app.push_screen(dialog)
            await pilot.pause()
            await pilot.pause()
            assert_painted(app, [*names, title])
            await app.pop_screen()
    assert app.failure is None


def assert_painted(app: VmtuiApp, names: Sequence[str]) -> None:
    lines = screen_lines(app)
    assert all(line.isprintable() for line in lines)
    screen = "".join("".join(lines).split())
    for name in names:
        assert "".join(name.split())[:20] in screen


@pytest.mark.parametrize("name", [NAMES[3], display(b"[/b]"), display(b"[@click=app.quit]x[/]")])
async def test_typed_and_told_names_are_painted_as_they_are(name: str) -> None:
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Ask(name, initial=name, check=lambda typed: typed))
        await pilot.pause()
        assert_painted(app, [name])
        await pilot.press("enter")
        await pilot.pause()
        assert_painted(app, [name])
        app.clear_notifications()
        app.notify(name, title=name)
        await pilot.pause()
        assert_painted(app, [name])


@pytest.mark.parametrize("cells", [5, 20, 79])
def test_wrapped_rows_fit_and_keep_their_words(cells: int) -> None:
    words: Row = (Run("日本語の名前 and "), Run("x" * 33), Run(" some more words"))
    lines = wrapped(words, cells, indent=2)
    assert all(width(line) <= cells for line in lines)
    joined = "".join(text_of([line]) for line in lines).replace(" ", "")
    assert joined == text_of([words]).replace(" ", "")


def test_japanese_breaks_within_a_sentence_but_before_no_mark() -> None:
    said = "fork() は子に複製ではなく，同じフレームを渡す．"
    lines = [text_of([line]) for line in wrapped((Run(said),), 19)]
    assert lines == ["fork() は子に複製で", "はなく，同じフレー", "ムを渡す．"]


async def test_the_screen_below_is_seen_as_it_is_and_goes_on() -> None:
    lines = [row(Run(f"line {at:2d} " + "x" * 70, Paint("anon-ink", "vessel"))) for at in range(24)]
    canvas = Canvas(lines)
    app = app_with(canvas)

    def painted() -> list[Strip]:
        return app.screen._compositor.render_strips()

    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        before = painted()
        app.push_screen(Card("one", [row("words")]))
        await pilot.pause()
        app.push_screen(Card("two", [row("words")]))
        await pilot.pause()
        behind = painted()
        sheet = {y for y, strip in enumerate(behind) if "─" in strip.text}
        free = [y for y in range(24) if not min(sheet) <= y <= max(sheet)]
        assert len(free) > 10
        for y in free:
            assert behind[y].text == before[y].text
            cells = [(s.text, s.style) for s in behind[y].simplify()]
            assert cells == [(s.text, s.style) for s in before[y].simplify()]
        canvas.show([row("changed"), *lines[1:]])
        await pilot.pause()
        await pilot.pause()
        assert painted()[0].text.startswith("changed")
        await pilot.resize_terminal(110, 30)
        await pilot.pause()
        assert [strip.cell_length for strip in painted()] == [110] * 30
