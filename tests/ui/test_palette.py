"""The palette keeps states apart: CIEDE2000 over four kinds of vision, and text contrast."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.ui.colour_distance import Lab, Rgb, ciede2000, contrast, worst
from vmtui.draw.paint import Paint
from vmtui.ui.colours import CHROME, STATES, THEMES
from vmtui.ui.palette import FLASHES, MIXTURES, Depth, Palette, Slot

PAGE_STATES = STATES[:12]
DARK, LIGHT = "vmtui-dark", "vmtui-light"
PROJECTOR, PROJECTOR_LIGHT = "vmtui-projector", "vmtui-projector-light"


def _worst_pair(palette: Palette) -> float:
    fills = [palette.rgb(state) for state in PAGE_STATES]
    return min(worst(one, other) for one, other in combinations(fills, 2))


SHARMA = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 3.1571, -77.2803), (50.0, 0.0, -82.7485), 2.8615),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]
"""Pairs of the test data of Sharma, Wu and Dalal 2005."""


@pytest.mark.parametrize(("one", "other", "expected"), SHARMA)
def test_the_yardstick_itself(one: Lab, other: Lab, expected: float) -> None:
    assert ciede2000(one, other) == pytest.approx(expected, abs=0.0001)


@pytest.mark.parametrize(
    ("theme", "least"), [(DARK, 10.6), (LIGHT, 12.4), (PROJECTOR, 9.4), (PROJECTOR_LIGHT, 12.2)]
)
def test_states_stay_apart_in_true_colour(theme: str, least: float) -> None:
    assert _worst_pair(Palette(theme)) >= least - 0.5


@pytest.mark.parametrize(
    ("theme", "least"), [(DARK, 10.4), (LIGHT, 11.7), (PROJECTOR, 11.6), (PROJECTOR_LIGHT, 10.9)]
)
def test_states_stay_apart_in_256_colours(theme: str, least: float) -> None:
    assert _worst_pair(Palette(theme, Depth.C256)) >= least - 0.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.C256])
def test_text_is_readable(theme: str, depth: Depth) -> None:
    palette = Palette(theme, depth)
    projector = theme.startswith(PROJECTOR)
    needs = {
        "text": 9.0,
        "dim": 5.5 if not projector else 9.0,
        "faint": 2.8 if not projector else 4.8,
    }
    if depth is Depth.C256:
        needs = {"text": 9.0, "dim": 5.0, "faint": 2.8}
    for slot, least in needs.items():
        assert contrast(palette.rgb(slot), palette.rgb("ground")) >= least, slot
    assert contrast(palette.rgb("alarm"), palette.rgb("alarm-ink")) >= 4.5
    for state in STATES:
        label = palette.rgb(f"{state}-label")
        assert contrast(label, palette.rgb(state)) >= 3.8, state


def test_true_colour_text_meets_the_design() -> None:
    for theme in THEMES:
        palette = Palette(theme)
        assert contrast(palette.rgb("text"), palette.rgb("ground")) >= 13.0


@pytest.mark.parametrize("theme", THEMES)
def test_a_mixture_lies_between_the_vessel_and_its_fill(theme: str) -> None:
    for depth in (Depth.TRUE, Depth.C256):
        palette = Palette(theme, depth)
        fills = {palette.rgb(state) for state in PAGE_STATES}
        for state in PAGE_STATES[1:]:
            ladder = [palette.rgb(f"{state}/{percent}") for percent in MIXTURES]
            assert palette.rgb("absent") not in ladder
            assert not fills.intersection(ladder) - {palette.rgb(state)}, state


def _light(rgb: Rgb) -> float:
    return contrast(rgb, (0, 0, 0))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.C256])
def test_a_flash_fades_in_visible_steps(theme: str, depth: Depth) -> None:
    palette = Palette(theme, depth)
    for state in PAGE_STATES:
        for base in (state, f"{state}/50") if state != "absent" else (state,):
            steps = [palette.rgb(base), *(palette.rgb(f"{base}!{percent}") for percent in FLASHES)]
            assert len(set(steps)) == len(steps), base
            assert steps[-1] == palette.rgb("flash")
            lights = [_light(step) for step in steps]
            assert lights == sorted(lights, reverse=not palette.dark), base


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("depth", Depth)
def test_every_slot_of_the_drawings_has_a_style(theme: str, depth: Depth) -> None:
    palette = Palette(theme, depth)
    states = [s + part for s in STATES for part in ("", "/30", "/75", "!60", "/50!25", "/30!100")]
    inks = [*CHROME, *(f"{s}-ink" for s in STATES), *(f"{s}-letter" for s in states), *states]
    grounds = ["", "bar", "vessel", "cursor", "alarm", *states]
    for ink in inks:
        assert palette.style(Paint(ink)) is palette.style(Paint(ink))
    for ground in grounds:
        style = palette.style(Paint("text", ground))
        if depth is Depth.C256:
            assert style.bgcolor is not None and style.bgcolor.number is not None
        if depth is Depth.MONO:
            assert style.color is None and style.bgcolor is None


def test_a_name_that_is_no_slot_is_an_error() -> None:
    for wrong in ("blue", "anon-wrong", "text/50"):
        with pytest.raises(KeyError):
            Palette().style(Paint(wrong))


def test_slots_are_taken_apart() -> None:
    assert Slot.parse("anon/50!25-letter") == ("anon", 50, 25, "letter")
    assert Slot.parse("vessel") == Slot.parse("absent") == ("absent", 100, 0, "")
    assert Slot.parse("") == ("ground", 100, 0, "")
    assert Slot.parse("alarm-ink") == ("alarm-ink", 100, 0, "")


def test_16_colours_are_letters_without_fills_and_blocks_in_bars() -> None:
    palette = Palette(DARK, Depth.C16)
    assert not palette.draws_fills and palette.letters_by_default and not palette.bars_by_letters
    letter = palette.style(Paint("anon-letter", "anon"))
    assert letter.color is not None and letter.color.number == 6 and letter.bgcolor is None
    hot = palette.style(Paint("anon!100-letter", "anon!100"))
    warm = palette.style(Paint("anon!60-letter", "anon!60"))
    cool = palette.style(Paint("anon!25-letter", "anon!25"))
    assert (hot.reverse, warm.bold, cool.bold, cool.reverse) == (True, True, None, None)
    part = palette.style(Paint("text", "file"))
    assert part.bgcolor is not None and part.bgcolor.number == 2
    block = palette.style(Paint("file", "file"))
    assert block.color == block.bgcolor == part.bgcolor
    assert palette.style(Paint("text", "cursor")).reverse


def test_mono_has_bold_and_reverse_only() -> None:
    palette = Palette(LIGHT, Depth.MONO)
    assert palette.bars_by_letters and not palette.draws_fills
    assert palette.style(Paint("anon!100-letter", "anon!100")).reverse
    assert palette.style(Paint("anon-swatch", "anon")).bold
    assert palette.style(Paint("anon", "vessel")).reverse is None


def test_projectors_open_with_letters() -> None:
    opens = {theme: Palette(theme).letters_by_default for theme in THEMES}
    assert opens == {DARK: False, LIGHT: False, PROJECTOR: True, PROJECTOR_LIGHT: True}
