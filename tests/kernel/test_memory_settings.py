from pathlib import Path

import pytest

from vmtui.errors import NotSupported, ParseError
from vmtui.kernel import memory_settings


@pytest.mark.parametrize("mode", ["always", "madvise", "never"])
def test_the_chosen_mode(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "enabled"
    file.write_text("always madvise never\n".replace(mode, f"[{mode}]"))
    assert memory_settings.huge_mode(str(file)) == mode


def test_what_is_not_as_documented(tmp_path: Path) -> None:
    file = tmp_path / "number"
    file.write_text("many\n")
    for read in (memory_settings.huge_mode, memory_settings.swap_cluster_pages):
        with pytest.raises(ParseError):
            read(str(file))
        with pytest.raises(NotSupported):
            read(str(tmp_path / "absent"))


def test_the_cluster_is_a_power_of_two(tmp_path: Path) -> None:
    file = tmp_path / "page-cluster"
    file.write_text("3\n")
    assert memory_settings.swap_cluster_pages(str(file)) == 8


def test_what_is_promised_and_what_happens_when_it_runs_out(tmp_path: Path) -> None:
    file = tmp_path / "setting"
    for number in (0, 1, 2):
        file.write_text(f"{number}\n")
        assert memory_settings.overcommit_policy(str(file)) == number
        assert memory_settings.panics_on_oom(str(file)) is bool(number)


def test_dirty_pages_expire_in_hundredths_of_a_second(tmp_path: Path) -> None:
    file = tmp_path / "dirty_expire_centisecs"
    file.write_text("3000\n")
    assert memory_settings.dirty_expire_seconds(str(file)) == 30.0
