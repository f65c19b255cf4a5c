"""`vmtui machine --files`: the page cache by file."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui import units
from vmtui.cli.output import Answer
from vmtui.cli.table import Table
from vmtui.export.document import Absences, document, with_raw_name
from vmtui.missing import Missing
from vmtui.model.fields.cached_file import CACHED_FILE_FIELDS
from vmtui.model.fields.field import Unit
from vmtui.model.page_cache import CachedFile, CacheSurvey
from vmtui.observe import page_cache
from vmtui.text import display
from vmtui.told import Told

_COLUMNS = tuple(field for field in CACHED_FILE_FIELDS if field.unit is not Unit.SERIES)


def look(paths: Sequence[str], told: Told) -> Answer:
    """All files that processes have open or mapped, or these paths.

    Raises:
        VmtuiError: a path leads to nothing.
    """
    survey = page_cache.of_paths(paths, told=told) if paths else page_cache.survey(told=told)
    absences = Absences()
    body = {
        "files": [_file(file, absences) for file in survey.files],
        "cached": survey.cached_bytes,
        "processes": survey.processes,
        "processes_refused": survey.refused,
        "files_left_out": survey.left_out,
    }
    made = document("machine", body, absences)
    return Answer(lambda: made, (Table(_COLUMNS, survey.files, note=_note(survey)),))


def _file(file: CachedFile, absences: Absences) -> dict[str, object]:
    shown = str(display(file.path, limit=None))
    entry: dict[str, object] = {
        "path": shown,
        "device": f"{file.device:#x}",
        "inode": file.inode,
        "size": file.size_bytes,
    }
    if isinstance(file.cached, Missing):
        absences.note("files", file.cached)
    for name, value in (
        ("cached", file.cached_bytes),
        ("dirty", file.dirty_bytes),
        ("evicted", file.evicted_bytes),
    ):
        entry[name] = None if isinstance(value, Missing) else value
    entry["holders"] = [
        {"pid": one.pid, "comm": str(display(one.comm)), "mapped": one.mapped, "open": one.opened}
        for one in file.holders
    ]
    return with_raw_name(entry, file.path, shown, "path_bytes")


def _note(survey: CacheSurvey) -> str:
    parts = [f"{len(survey.files):,} files, {units.size(survey.cached_bytes)} cached"]
    if survey.refused:
        parts.append(f"{survey.refused:,} processes do not show theirs to this user")
    if survey.left_out:
        parts.append(f"{survey.left_out:,} files beyond the first were not looked at")
    return "; ".join(parts)
