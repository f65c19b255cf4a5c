"""`vmtui machine --frames`: what every frame of physical memory is used for."""

from __future__ import annotations

from vmtui.cli.output import Answer
from vmtui.cli.table import Table, column
from vmtui.draw import frames_legend, frames_map
from vmtui.draw.paint import text_of
from vmtui.export.document import Absences, document
from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.fields.field import Unit
from vmtui.model.frame_survey import FramesSurvey
from vmtui.observe import frames
from vmtui.text import plain
from vmtui.told import Told

_LINES = 16
_COLUMNS = (
    column("", Unit.TEXT, lambda use: plain(use.kind.letter), name="letter", width=1),
    column("KIND", Unit.TEXT, lambda use: plain(use.kind.title)),
    column("FRAMES", Unit.PAGES, lambda use: use.frames),
    column("SIZE", Unit.BYTES, lambda use: use.frames * PAGE_SIZE),
    column("MAPPED", Unit.PAGES, lambda use: use.mapped),
    column("ACTIVE", Unit.PAGES, lambda use: use.active),
    column("INACTIVE", Unit.PAGES, lambda use: use.inactive),
    column("DIRTY", Unit.PAGES, lambda use: use.dirty),
    column("LOCKED", Unit.PAGES, lambda use: use.locked),
    column("", Unit.TEXT, lambda use: plain(use.kind.meaning), name="meaning", width=0),
)
_PICTURE = (column("", Unit.TEXT, plain, name="picture", width=0),)


def look(told: Told) -> Answer:
    """All frames, read to the last one.

    Raises:
        NotPermitted: not root; it says what root would see.
        NotSupported: the kernel was built without /proc/kpageflags.
    """
    for survey in frames.survey(first_picture_seconds=0):  # the last one is whole
        told(survey.read_frames, survey.frames)
    body = {
        "frames": {
            "page_size": PAGE_SIZE,
            "frames": survey.frames,
            "holes_left_out": survey.memory.exact,
            "ranges": [
                {"start": f"{first * PAGE_SIZE:#x}", "end": f"{end * PAGE_SIZE:#x}"}
                for first, end in survey.memory.ranges
            ],
            "frames_per_second": round(survey.rate),
            "kinds": [
                {
                    "kind": use.kind.name.lower(),
                    "title": use.kind.title,
                    "frames": use.frames,
                    "size": use.frames * PAGE_SIZE,
                    "mapped": use.mapped,
                    "active": use.active,
                    "inactive": use.inactive,
                    "dirty": use.dirty,
                    "locked": use.locked,
                }
                for use in survey.uses()
            ],
        }
    }
    made = document("machine", body, Absences())
    table = Table(_COLUMNS, survey.uses(), note=text_of([frames_legend.progress(survey)]))
    return Answer(lambda: made, (_picture(survey), table), csv=table)


def _picture(survey: FramesSurvey) -> Table:
    """Physical memory in letters, a block of frames each."""
    grid = frames_map.fitted(survey, PAGE_SIZE, 64, _LINES, halves=False)
    counts, memory = frames_map.of_survey(survey, grid)
    lines = text_of(frames_map.rows(counts, memory, grid)).split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return Table(_PICTURE, [line.rstrip() for line in lines])
