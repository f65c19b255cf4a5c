"""Whatever a name holds, the terminal gets only what vmtui itself would send."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.hostile import PAYLOADS
from tests.pty.harness import ROOT, OnTerminal

SPECIMEN = str(ROOT / "tests" / "pty" / "specimen.py")

OWN_SEQUENCES = re.compile(
    rb"\x1b\[[\d;:]*m"  # colours
    rb"|\x1b\[\d+;\d+H"  # where to write
    rb"|\x1b\[\??\d+(?:;\d+)*[hlp]|\x1b\[\?\d+\$p"  # modes and what is asked about them
    rb"|\x1b\[[<>]\d*u"  # the keyboard protocol
    rb"|\x1b\[\d*[ABCDGJK]"
    rb"|\x1b\[H|\r\n|\n"
    rb"|\x1b\]22;(?:default|pointer|text)\x07"  # Textual: the shape of the mouse pointer
)


def raw_controls(sent: bytes) -> list[bytes]:
    """Control bytes outside vmtui's own sequences: C0, DEL, and C1 raw or in UTF-8."""
    rest = OWN_SEQUENCES.sub(b"", sent)
    found = re.findall(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]", rest)
    try:
        text = rest.decode("utf-8")
    except UnicodeDecodeError as error:
        return [*found, rest[error.start : error.start + 8]]
    bad = [char for char in text if not char.isprintable()]
    return found + [char.encode() for char in bad]


def test_the_check_sees_what_it_is_for() -> None:
    assert raw_controls(b"\x1b[31mred\x1b[0m\x1b[3;4Hok") == []
    for raw in PAYLOADS[:8]:
        assert raw_controls(b"ok " + raw.replace(b"\x1b[31m", b"\x1b[31z") + b"\x07"), raw
    assert raw_controls("\x9b31m".encode())
    assert raw_controls("\u202e".encode())
    assert raw_controls(b"\xff")


@pytest.mark.parametrize("colours", ["truecolor", ""])
def test_no_name_reaches_the_terminal_raw(tmp_path: Path, colours: str) -> None:
    with OnTerminal(SPECIMEN, COLORTERM=colours, XDG_STATE_HOME=str(tmp_path)) as program:
        assert program.shows("ready")
        for index in range(len(PAYLOADS)):
            program.press("n")
            program.until(lambda: False, 0.06)
            if index % 8 == 0:
                program.press("c")
                assert program.shows("[ no ]")
                program.press("n")
                assert program.until(lambda: "[ no ]" not in "".join(program.screen.display))
        program.press("i")
        assert program.shows("card")
        program.press("\x1b")
        program.until(lambda: False, 0.3)
        program.press("q")
        assert program.ends_within(5) == 0
    assert len(program.sent) > 20_000
    assert raw_controls(program.sent) == []
