"""Free blocks and frames of a moment, as the stage draws them."""

from __future__ import annotations

from vmtui.draw.lab.blocks_shown import EN, JA, Blocks, BlocksWords
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.comparing import told
from vmtui.lab.evidence import BlocksView, FramesView
from vmtui.lab.text import Language
from vmtui.missing import Missing


def words_of(language: Language) -> BlocksWords:
    """The picture's own words."""
    return JA if language == "ja" else EN


def blocks_of(view: BlocksView | None, language: Language) -> Blocks | None:
    """The picture's values; None where the experiment is about something else."""
    if view is None:
        return None
    why = told(view.runs.reason).of(language) if isinstance(view.runs, Missing) else ""
    frames = view.frames or FramesView("", 0, b"", 0, b"", ())
    return Blocks(
        view.orders,
        view.before,
        view.per_cpu,
        view.unusable,
        view.unusable_before,
        runs=None if isinstance(view.runs, Missing) else view.runs,
        longest=None if isinstance(view.longest, Missing) else view.longest,
        why_no_frames=why,
        region=frames.region,
        first_page=frames.first_page,
        pages=frames.pages,
        first_frame=frames.first_frame,
        around=frames.around,
        names=frames.names,
        page_bytes=PAGE_SIZE,
    )
