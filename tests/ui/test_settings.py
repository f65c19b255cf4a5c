"""Flag over variable over file over default, and one sentence for what is impossible."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vmtui.ui import places
from vmtui.ui.settings import Settings, SettingsError, load

FULL = """\
interval = 2
theme = "light"
ascii = true
mouse = false
history_minutes = 30

[columns]
processes = ["pid", "rss"]
vmas = ["start"]

[keys]
clock.pause = "p"
"app.quit" = "x,q"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "vmtui" / "config.toml"
    path.parent.mkdir()
    return path


def read(config: Path, text: str, **environ: str) -> Settings:
    config.write_text(text)
    return load(environ={"XDG_CONFIG_HOME": str(config.parent.parent), **environ})


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert load(environ={"XDG_CONFIG_HOME": str(tmp_path)}) == Settings()


def test_everything_can_be_in_the_file(config: Path) -> None:
    assert read(config, FULL) == Settings(
        interval=2.0,
        theme="light",
        ascii=True,
        mouse=False,
        history_minutes=30.0,
        process_columns=("pid", "rss"),
        vma_columns=("start",),
        keys=(("clock.pause", "p"), ("app.quit", "x,q")),
    )


def test_precedence(config: Path) -> None:
    config.write_text("interval = 2\ntheme = 'light'\nmouse = false\n")
    environ = {
        "XDG_CONFIG_HOME": str(config.parent.parent),
        "VMTUI_INTERVAL": "3",
        "VMTUI_THEME": "projector",
        "VMTUI_PROCESS_COLUMNS": "pid, rss",
    }
    settings = load({"interval": 4.0, "theme": None}, environ=environ)
    assert settings.interval == 4.0
    assert settings.theme == "projector"
    assert settings.mouse is False
    assert settings.process_columns == ("pid", "rss")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("theme = 'dark'\ninterval = 'fast'", ["line 2", "interval", "0.1", "«fast»"]),
        ("interval = 0", ["line 1", "0.1"]),
        ("interval = true", ["line 1", "0.1"]),
        ("\n\ntheme = 'pink'", ["line 3", "one of dark, light", "«pink»"]),
        ("mouse = 'maybe'", ["line 1", "true or false"]),
        ("[columns]\nprocesses = 3", ["line 2", "column ids"]),
        ("[columns]\nthreads = []", ["line 2", "[columns]", "threads"]),
        ("columns = 3", ["line 1", "table"]),
        ("intervall = 3", ["line 1", "no option intervall", "interval"]),
        ("[keys]\n'clock.pause' = 3", ["keys", "clock.pause"]),
        ("interval = = 3", ["not TOML", "line 1"]),
    ],
)
def test_what_is_impossible_is_one_sentence(config: Path, text: str, words: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        read(config, text)
    sentence = str(caught.value)
    assert all(word in sentence for word in words), sentence
    assert "\n" not in sentence


def test_variables_and_flags_are_named(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path), "VMTUI_MOUSE": "perhaps"}
    with pytest.raises(SettingsError, match="VMTUI_MOUSE must be true or false"):
        load(environ=environ)
    with pytest.raises(SettingsError, match="--history-minutes must be"):
        load({"history_minutes": "x"}, environ={"XDG_CONFIG_HOME": str(tmp_path)})


def test_a_hostile_value_is_shown_escaped(config: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(config, 'theme = "\\u001b[2J"')
    assert "\\x1b" in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_file_that_is_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load(path=tmp_path / "none.toml")
    path = tmp_path / "own.toml"
    path.write_text("interval = 5")
    assert load(path=path).interval == 5.0


def test_the_current_directory_is_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vmtui").mkdir()
    (tmp_path / "vmtui" / "config.toml").write_text("interval = 9")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert load(environ={"XDG_CONFIG_HOME": "."}).interval == 1.0


def test_a_pipe_in_its_place_does_not_stop_us(config: Path) -> None:
    os.mkfifo(config)
    with pytest.raises(SettingsError, match="not a regular file"):
        load(environ={"XDG_CONFIG_HOME": str(config.parent.parent)})


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_somebody_elses_file_is_not_trusted(config: Path) -> None:
    config.write_text("interval = 9")
    os.chown(config, 65534, 65534)
    environ = {"XDG_CONFIG_HOME": str(config.parent.parent)}
    with pytest.raises(SettingsError, match="regular file of yours"):
        load(environ=environ)
    assert places.read_trusted(config, {**environ, "SUDO_UID": "65534"}) == "interval = 9"


@pytest.mark.skipif(os.geteuid() != 0, reason="sudo means being root")
def test_under_sudo_the_callers_file_is_read_and_roots_directory_written() -> None:
    environ = {"SUDO_UID": "65534", "XDG_CONFIG_HOME": "/somewhere"}
    caller = places.invoking_user(environ)
    assert caller is not None
    assert str(places.config_file(environ)).startswith(caller.pw_dir)
    assert not str(places.state_directory(environ)).startswith(caller.pw_dir + "/")


def test_new_files_are_private_and_never_follow_a_link(tmp_path: Path) -> None:
    fd, path = places.new_file(tmp_path / "state", "a.log")
    os.close(fd)
    assert path.stat().st_mode & 0o777 == 0o600
    (tmp_path / "target").write_text("keep")
    (tmp_path / "state" / "b.log").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="exists"):
        places.new_file(tmp_path / "state", "b.log")
    assert (tmp_path / "target").read_text() == "keep"


def test_settings_need_no_textual() -> None:
    code = "import sys, vmtui.ui.settings, vmtui.ui.run; print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
