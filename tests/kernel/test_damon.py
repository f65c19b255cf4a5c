"""A tree as DAMON shows it to root, and what is left for who may not read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmtui.errors import NotPermitted
from vmtui.kernel import damon, files


def kdamond(place: Path, state: str, action: str) -> Path:
    """One kdamond with one scheme; `place` is the directory of all."""
    scheme = place / "0/contexts/0/schemes/0"
    scheme.mkdir(parents=True)
    (place / "nr_kdamonds").write_text("1\n")
    (place / "0/state").write_text(f"{state}\n")
    (scheme / "action").write_text(f"{action}\n")
    return place


@pytest.mark.parametrize(
    ("state", "action", "takes"),
    [("on", "pageout", True), ("off", "pageout", False), ("on", "stat", False)],
)
def test_only_a_scheme_that_runs_and_pages_out(
    tmp_path: Path, state: str, action: str, takes: bool
) -> None:
    assert damon.takes_pages(str(kdamond(tmp_path, state, action))) is takes


def test_without_damon_nothing_is_taken(tmp_path: Path) -> None:
    assert not damon.takes_pages(str(tmp_path / "absent"))
    (tmp_path / "nr_kdamonds").write_text("0\n")
    assert not damon.takes_pages(str(tmp_path))


def test_a_kdamond_taken_away_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "nr_kdamonds").write_text("2\n")
    assert not damon.takes_pages(str(tmp_path))


def test_who_may_not_read_it_goes_by_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = files.read_system

    def refused(path: str, most: int) -> bytes:
        if path.endswith("nr_kdamonds"):
            raise NotPermitted(f"{path}: Permission denied", unlock="")
        return read(path, most)

    monkeypatch.setattr(damon, "read_system", refused)
    (tmp_path / "7").mkdir()
    assert not damon.takes_pages("admin", str(tmp_path))
    (tmp_path / "77").mkdir()
    (tmp_path / "77/comm").write_text("kdamond.0\n")
    assert damon.takes_pages("admin", str(tmp_path))
