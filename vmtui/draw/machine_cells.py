"""Cells of the machine's tables that are bars, and what a row of them means in a sentence."""

from __future__ import annotations

from vmtui import units
from vmtui.draw import bar
from vmtui.draw.bar import VESSEL, Segment
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, fit, row
from vmtui.draw.sentences import figure, words
from vmtui.draw.shares import divide
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.groups import Group
from vmtui.model.oom import OomCandidate, OomRanking
from vmtui.model.page_cache import CachedFile, CacheSurvey

_SWAP = Paint("swapped-ink", bold=True)
_ADJUSTED = Paint("dim", VESSEL)
_OWED = "╱"
_LEVELS = " ▏▎▍▌▋▊▉"


def share_bar(
    parts: list[tuple[str, float]], whole: float, width: int, *, letters: bool = False
) -> Row:
    """Slots and amounts of a whole; a part too small for a cell is a sliver.

    Args:
        parts: (slot, amount), drawn from the left.
        whole: what the full width stands for.
        width: cells.
        letters: fills with the slots' letters.
    """
    total = sum(amount for _, amount in parts)
    segments = [Segment("", slot, amount) for slot, amount in parts]
    if 0 < total < whole / width and not letters:
        largest = max(parts, key=lambda part: part[1])
        eighths = max(1, round(total / whole * width * 8))
        sliver = Run(_LEVELS[min(7, eighths)], Paint(largest[0], VESSEL))
        return fit((sliver,), width, VESSEL)
    return bar.bar(segments, max(whole, total), width, labels=False, letters=letters)


# Files


def file_bar(file: CachedFile, width: int, *, letters: bool = False) -> Row:
    """Of the whole file: dirty, clean, not in memory."""
    cached, dirty = file.cached_bytes, file.dirty_bytes
    if isinstance(cached, Missing):
        return fit((Run("–", FAINT),), width)
    wrote = 0 if isinstance(dirty, Missing) else min(dirty, cached)
    return share_bar(
        [("dirty", wrote), ("file", cached - wrote)], max(1, file.size_bytes, cached), width,
        letters=letters,
    )  # fmt: skip


def files_line(survey: CacheSurvey, cache_bytes: int | Missing) -> Row:
    """How much of the page cache these files are."""
    line = [words("these "), figure(f"{len(survey.files):,}"), words(" files have "),
            figure(units.size(survey.cached_bytes))]  # fmt: skip
    if not isinstance(cache_bytes, Missing):
        line += [words(" of the page cache's "), figure(units.size(cache_bytes)),
                 words("; the rest is of files that nobody has open")]  # fmt: skip
    if survey.refused:
        many = "process does" if survey.refused == 1 else "processes do"
        line.append(words(f"; {survey.refused:,} {many} not show theirs"))
    if survey.left_out:
        line.append(words(f"; {survey.left_out:,} files beyond were not looked at"))
    return row(Run(" "), *line)


def about_file(file: CachedFile, name: str) -> Row:
    """One file in a sentence."""
    head = Run(f"{name}  ", STRONG)
    cached, share = file.cached_bytes, file.share
    if isinstance(cached, Missing) or isinstance(share, Missing):
        why = cached if isinstance(cached, Missing) else share
        assert isinstance(why, Missing)
        unlock = f": {why.unlock}" if why.unlock else ""
        return row(head, words(f"what of it is cached is not told: {why.reason}{unlock}"))
    line = [head, figure(units.size(cached)), words(" of "), figure(units.size(file.size_bytes)),
            words(" in memory")]  # fmt: skip
    dirty, evicted = file.dirty_bytes, file.evicted_bytes
    if not isinstance(dirty, Missing) and dirty:
        line += [words(", "), figure(units.size(dirty)), words(" of it not yet written back")]
    if not isinstance(evicted, Missing) and evicted:
        line += [words("; "), figure(units.size(evicted))]
        line += [words(" was given up and not read again")]
    return row(*line, words(f"; {_holders(file)}"))


def _holders(file: CachedFile) -> str:
    count = len(file.holders)
    if not count:
        return "nobody has it open"
    who = f"{count:,} processes have" if count > 1 else "one process has"
    return f"{who} it, mapped by {file.mapped_by:,}, open in {file.opened_by:,}"


# OOM


def sum_bar(one: OomCandidate, scale: int, width: int, *, letters: bool = False) -> Row:
    """The points as a bar: memory, swap, tables in their hues, then what was added by hand.

    Args:
        one: a process.
        scale: the points that fill the bar.
        width: cells.
        letters: fills with the slots' letters.
    """
    added = max(0, one.adjustment)
    parts = [one.rss, one.swap, one.tables, added, max(0, scale - one.memory - added)]
    cells = divide(parts, width) if scale else [0, 0, 0, 0, width]
    if one.points > 0 and not sum(cells[:4]):
        return share_bar([("anon", max(1, one.memory))], scale, width, letters=letters)
    runs = [
        Run((bar.letter_of(slot) if letters else " ") * count, Paint("text", slot))
        for slot, count in zip(("anon", "swapped", "kernel"), cells, strict=False)
    ]
    runs += [Run(_OWED * cells[3], _ADJUSTED), Run(" " * cells[4], Paint(ground=VESSEL))]
    return tuple(run for run in runs if run.text)


def oom_line(ranking: OomRanking, cells: int, *, letters: bool = False) -> Row:
    """The legend of those bars."""
    entries: list[Run] = [Run(" ")]
    for slot, title in (("anon", "in memory"), ("swapped", "in swap"), ("kernel", "page tables")):
        swatch = f"{bar.letter_of(slot)} " if letters else "■ "
        entries += [Run(swatch, Paint(slot)), Run(f"{title}   ", DIM)]
    entries += [Run(f"{_OWED} ", _ADJUSTED), Run("oom_score_adj   ", DIM)]
    thousandth = ranking.total // 1000
    note = f"one of ADJ is {thousandth:,} pages, a thousandth of memory and swap"
    if ranking.hidden:
        note += f"; {ranking.hidden:,} processes are hidden"
    return fit(row(*entries, Run(note, FAINT)), cells)


def about_candidate(one: OomCandidate, ranking: OomRanking) -> Row:
    """The arithmetic of one process."""
    head = Run(f"{one.pid} {one.name}  ", STRONG)
    if one.spared:
        return row(head, words(f"is never taken: {one.spared}"))
    thousandth = ranking.total // 1000
    parts = [
        head, figure(f"{one.rss:,}"), words(" in memory + "),
        Run(f"{one.swap:,}", _SWAP) if one.swap else figure("0"), words(" in swap + "),
        figure(f"{one.tables:,}"), words(" tables "),
    ]  # fmt: skip
    sign = "+" if one.score_adj >= 0 else units.MINUS
    parts += [words(f"{sign} {abs(one.score_adj)} × {thousandth:,} = "),
              figure(f"{one.points:,} points")]  # fmt: skip
    if one is ranking.first:
        parts.append(words(": would be taken first"))
    elif ranking.first is not None:
        parts.append(words(f", {ranking.first.points - one.points:,} fewer than the first"))
    return row(*parts)


# Groups


def group_bar(group: Group, memory: int | Missing, width: int, *, letters: bool = False) -> Row:
    """Usage of its limit; without one, of all memory."""
    usage, limit = group.usage, group.limit
    if isinstance(usage, Missing):
        return fit((Run("–", FAINT),), width)
    whole = memory if isinstance(limit, Missing) else limit
    if isinstance(whole, Missing) or not whole:
        return fit((), width)
    anon = 0 if isinstance(group.anon, Missing) else min(group.anon, usage)
    file = 0 if isinstance(group.file, Missing) else min(group.file, usage - anon)
    parts: list[tuple[str, float]] = [
        ("anon", anon),
        ("file", file),
        ("kernel", usage - anon - file),
    ]
    return share_bar(parts, max(whole, usage), width, letters=letters)


def about_group(group: Group) -> Row:
    """One group in a sentence."""
    head = Run(f"{group.shown_path}  ", STRONG)
    usage, limit = group.usage, group.limit
    if isinstance(usage, Missing):
        return row(head, words(f"not known: {usage.reason}"))
    line = [head, figure(units.size(usage)), words(" charged to it and to those below")]
    if isinstance(limit, Missing):
        line.append(words(", without a limit of its own"))
    else:
        line += [words(" of "), figure(units.size(limit))]
    hits, kills = group.failures, group.oom_kills
    if not isinstance(hits, Missing):
        line += [words("; met its limit "), figure(f"{hits:,}"), words(" times")]
    if not isinstance(kills, Missing) and kills:
        line += [words(", "), Run(f"{kills:,} killed", _SWAP)]
    return row(*line)


def group_name(group: Group, width: int, *, tree: bool) -> Row:
    """In the tree the name alone, indented; otherwise the whole path, which loses its head."""
    if not tree:
        path = group.shown_path
        return fit((Run(path if len(path) <= width else "…" + path[1 - width :]),), width)
    indent = "  " * min(group.depth, max(0, width // 2 - 4))
    return fit((Run(f"{indent}{group.name}"),), width)


def bytes_of(pages: int) -> int:
    """Pages in bytes."""
    return pages * PAGE_SIZE
