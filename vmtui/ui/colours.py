"""The colour values of the four themes: true colour, 256 colours of our own, the 16 of a terminal.

The 256-colour values are not the nearest ones: a nearest match makes the vessel dark blue and
anonymous pages violet. They were chosen so that all pairs of states stay apart (CIEDE2000), for
normal, protan, deutan and tritan vision; `tests/ui/test_palette.py` measures it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CHROME = (
    "ground",
    "bar",
    "cursor",
    "rule",
    "faint",
    "dim",
    "text",
    "strong",
    "flash",
    "alarm",
    "alarm-ink",
)
"""Slots that are not memory. All of them are greys except the alarm."""

STATES = (
    "absent",
    "zero",
    "anon",
    "cow",
    "huge",
    "file",
    "dirty",
    "shmem",
    "swapped",
    "ksm",
    "locked",
    "guard",
    "kernel",
    "unexplained",
)
"""The twelve page states, and what else a bar of the machine's memory holds."""


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme's values, each tuple in the order of `CHROME` or `STATES`."""

    dark: bool
    chrome: tuple[str, ...]
    """`rrggbb`."""
    fills: tuple[str, ...]
    inks: tuple[str, ...]
    chrome_256: tuple[int, ...]
    fills_256: tuple[int, ...]
    inks_256: tuple[int, ...]
    states_16: tuple[int | None, ...]
    """ANSI colour numbers; None is the terminal's own foreground."""


def _values(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_DARK_16 = (8, 7, 6, 12, 14, 2, 11, 5, 9, 3, 15, 8, 7, 8)
_LIGHT_16 = (8, None, 4, 6, 12, 2, 3, 5, 1, 11, 0, 8, 8, 8)

THEMES: Mapping[str, Colours] = {
    "vmtui-dark": Colours(
        dark=True,
        chrome=_values(
            "0E1217 171D25 2A3A4E 333E4B 5D6976 8C98A6 D3DAE3 FFFFFF FFFFFF EC7430 000000"
        ),
        fills=_values(
            "212B37 A3ACB2 3A92CF 0F549F 8ADCFA 128A62 C79300 9A6492 BE4B06 DCE243 C4AC8A 55524E"
            " 66758A 434E5C"
        ),
        inks=_values(
            "5D6976 B4BDC4 62B5F0 4A8AD8 A6E4FA 2FB58A E6AE1E CC8FC2 EC7430 E8EC5A DCC8A8 7F7A74"
            " 66758A 434E5C"
        ),
        chrome_256=(233, 235, 238, 239, 241, 245, 250, 231, 231, 209, 16),
        fills_256=(236, 248, 32, 25, 117, 29, 172, 96, 130, 185, 180, 240, 60, 238),
        inks_256=(241, 249, 75, 68, 153, 36, 178, 176, 202, 227, 223, 243, 103, 239),
        states_16=_DARK_16,
    ),
    "vmtui-light": Colours(
        dark=False,
        chrome=_values(
            "FBFBF8 ECEEF0 CFDDEC C3CAD2 8B95A0 5C6671 20262D 000000 000000 AE3A05 FFFFFF"
        ),
        fills=_values(
            "DFE4E9 919CAB 1F6FD8 7DB8F2 06357E 0F7B55 B47A06 8E5580 AE3A05 CDB71A 40403A ABA694"
            " 7C8AA0 B4BDC8"
        ),
        inks=_values(
            "8B95A0 66717F 1F6FD8 3C84CC 06357E 0F7B55 946400 8E5580 AE3A05 7F6E00 40403A 7A756A"
            " 7C8AA0 B4BDC8"
        ),
        chrome_256=(231, 255, 189, 251, 246, 241, 235, 16, 16, 124, 231),
        fills_256=(254, 245, 26, 117, 18, 29, 136, 96, 124, 184, 237, 144, 103, 250),
        inks_256=(246, 242, 26, 32, 18, 29, 94, 96, 124, 58, 237, 243, 103, 250),
        states_16=_LIGHT_16,
    ),
    "vmtui-projector": Colours(
        dark=True,
        chrome=_values(
            "000000 1C222A 1F5A94 5A6672 8894A1 B9C3CE F2F5F8 FFFFFF FFFFFF FF8540 000000"
        ),
        fills=_values(
            "39444F AEB6BA 5EB8FC 0F66C4 C6EAFF 0C9E78 DE9C08 B186AC C95F26 FFE83E C9AE86 6D6B70"
            " 8796AC 5A6572"
        ),
        inks=_values(
            "8894A1 AEB6BA 5EB8FC 4A94E8 C6EAFF 1FC096 DE9C08 D0A4CC FF8540 FFE83E C9AE86 A09C98"
            " 8796AC 5A6572"
        ),
        chrome_256=(16, 234, 24, 241, 246, 251, 255, 231, 231, 209, 16),
        fills_256=(238, 249, 75, 25, 153, 35, 214, 139, 166, 227, 223, 242, 103, 241),
        inks_256=(246, 249, 75, 33, 153, 36, 214, 182, 209, 227, 223, 247, 103, 241),
        states_16=_DARK_16,
    ),
    "vmtui-projector-light": Colours(
        dark=False,
        chrome=_values(
            "FFFFFF E3E7EB B9D2EC 98A2AD 67727D 3C4650 000000 000000 000000 9C3404 FFFFFF"
        ),
        fills=_values(
            "CFD6DD 848DA0 0A5FCF 73B5F7 052A66 067051 BC7508 8A4E80 9C3404 D0AA0A 3E3026 A6A19A"
            " 7C8AA0 B4BDC8"
        ),
        inks=_values(
            "67727D 5C6678 0A5FCF 2F7FD0 052A66 067051 8A5400 8A4E80 9C3404 7A6200 3E3026 6E695F"
            " 7C8AA0 B4BDC8"
        ),
        chrome_256=(231, 254, 153, 247, 242, 238, 16, 16, 16, 124, 231),
        fills_256=(252, 245, 26, 117, 18, 29, 136, 96, 124, 184, 237, 144, 103, 250),
        inks_256=(242, 241, 26, 32, 18, 29, 94, 96, 124, 58, 237, 242, 103, 250),
        states_16=_LIGHT_16,
    ),
}
