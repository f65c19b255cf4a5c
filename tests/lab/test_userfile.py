"""Experiments of users: TOML files of the same operations, wrong ones told in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmtui.lab.script import ScriptError, parse
from vmtui.lab.userfile import FileError, load

GOOD = """
name = "twice"
question = "Does writing twice fault twice?"
figures = ["minor_faults", "rss", "copied.child"]

[parameters]
size = "4M"
stride = 3
kind = ["private", "shared"]
"""
SCRIPT = '''
script = """
map buf {size} anon {kind}
# a comment
touch buf ::{stride} write

touch buf ::{stride} write
"""
'''


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "My Own.toml"
    path.write_text(text)
    return str(path)


def test_a_good_one(tmp_path: Path) -> None:
    experiment = load(written(tmp_path, SCRIPT + GOOD))
    assert experiment.id == "my-own"
    assert experiment.title.en == experiment.title.ja == "twice"
    values = experiment.values({"kind": "shared", "size": "8M", "stride": "5"})
    script = parse(experiment.script(values), values)
    assert [step.source for step in script.steps] == [
        "map buf 8M anon shared", "touch buf ::5 write", "touch buf ::5 write",
    ]  # fmt: skip
    assert [step.line for step in script.steps] == [1, 3, 5]
    assert all(experiment.lines[step.line - 1].source.strip() for step in script.steps)


def test_a_script_is_enough(tmp_path: Path) -> None:
    experiment = load(written(tmp_path, 'script = "map buf 4K"'))
    assert experiment.values() == {}
    assert experiment.figures


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected script ="),
        ("script = 3", "expected script = a text"),
        ("script = ", "expected TOML"),
        ('script = "measure x"\nsrcipt = 1', "found «srcipt»"),
        ('script = "measure x"\nfigures = ["speed"]', "expected figures ="),
        ('script = "measure x"\nfigures = "rss"', "expected figures ="),
        ('script = "measure x"\nparameters = 4', r"expected \[parameters\]"),
        ('script = "measure x"\n[parameters]\nsize = "big"', "expected size to be"),
        ('script = "measure x"\n[parameters]\nsize = true', "expected size to be"),
        ('script = "measure x"\nname = "' + "x" * 70_000 + '"', "at most 65,536 bytes"),
    ],
)
def test_a_wrong_one_gets_one_sentence(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(FileError, match=expected) as caught:
        load(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_wrong_line_is_numbered(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="line 2: expected read or write"):
        load(written(tmp_path, 'script = """map buf 4K\ntouch buf wriet"""'))


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        load(str(tmp_path / "none.toml"))
    hostile = tmp_path / "x.toml"
    hostile.write_bytes(b"\xff\xfe")
    with pytest.raises(FileError, match="expected TOML"):
        load(str(hostile))
    hostile.write_text('name = "\\u001b[31mred"\nscript = "measure x"')
    assert "\x1b" not in load(str(hostile)).title.en
