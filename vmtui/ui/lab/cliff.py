"""From the work of a run to the picture of the cliff, and the theory's curve under it.

How often a touch misses is the theory's; what a touch and a miss cost is not, it depends on the
machine. So both prices are taken from what was measured: a touch from work that fits, a miss from
the latest work that does not; then theory says where all other points must lie.
"""

from __future__ import annotations

from collections.abc import Sequence

from vmtui.draw.lab.cliff import EN, JA, Cliff, CliffWords, Point, Sweep
from vmtui.lab.evidence import Order, WorkPoint, WorkView
from vmtui.lab.text import Language, Text
from vmtui.theory.work import textbook

_SPAN = (0.3, 1.5)
_SAMPLES = 241
_FEW_MISSES = 0.002
"""Below this share of misses a stretch of work tells the price of a touch, not of a miss."""
_LOOKS: dict[Order, tuple[str, str, Text, Text]] = {
    "random": ("ksm", "●", Text("random", "ランダム"), Text("", "")),
    "cyclic": (
        "strong",
        "◆",
        Text("in turn", "順に"),
        Text("in turn: each page leaves just before it is needed", "順に：使う直前に追い出される"),
    ),
}


def words_of(language: Language) -> CliffWords:
    """The picture's own words."""
    return JA if language == "ja" else EN


def cliff_of(view: WorkView | None, language: Language, *, working: bool) -> Cliff | None:
    """The picture, once there is anything to show.

    Args:
        view: of the moment.
        language: of the names.
        working: whether a stretch of work is under way.
    """
    if view is None:
        return None
    orders: list[Order] = list(dict.fromkeys(point.order for point in (*view.done, view.now)))
    now = view.now if working else None
    return Cliff(
        tuple(_sweep(order, view.done, now, language) for order in orders), view.now.work, _SPAN
    )


def _sweep(
    order: Order, done: Sequence[WorkPoint], now: WorkPoint | None, language: Language
) -> Sweep:
    slot, glyph, name, remark = _LOOKS[order]
    mine = [point for point in done if point.order == order]
    rates, misses = _expected(order, done, mine)
    return Sweep(
        name.of(language), slot, glyph, tuple(_point(one) for one in mine), rates, misses,
        _point(now) if now is not None and now.order == order else None, remark.of(language),
    )  # fmt: skip


def _point(measured: WorkPoint) -> Point:
    return Point(_share(measured), measured.rate, measured.misses)


def _share(point: WorkPoint) -> float:
    return _SPAN[1] if point.limit is None else point.limit / point.work


def _expected(
    order: Order, done: Sequence[WorkPoint], mine: Sequence[WorkPoint]
) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """Touches a second and misses of 1,000 over the span; no rates before prices are known."""
    low, high = _SPAN
    shares = [low + (high - low) * at / (_SAMPLES - 1) for at in range(_SAMPLES)]
    together = max((one.together for one in done), default=1)
    missing = [textbook(order, share, 1.0, together) for share in shares]
    touch = _touch_seconds(mine) or _touch_seconds(done)
    miss = _miss_seconds(mine, touch)
    rates: tuple[float | None, ...] = ()
    if touch is not None:
        rates = tuple(
            None if share and miss is None else 1.0 / (touch + share * (miss or 0.0))
            for share in missing
        )
    return rates, tuple(1000 * share for share in missing)


def _touch_seconds(points: Sequence[WorkPoint]) -> float | None:
    """What a touch costs, from the first work that had all its pages."""
    for point in points:
        if point.touches and point.seconds and point.misses < 1000 * _FEW_MISSES:
            return point.seconds / point.touches
    return None


def _miss_seconds(points: Sequence[WorkPoint], touch: float | None) -> float | None:
    """What a miss costs, from the latest work that missed."""
    for point in reversed(points):
        if _share(point) < 1.0 and point.touches and touch is not None:
            missed = textbook(point.order, _share(point), 1.0, point.together)
            return max(0.0, point.seconds / point.touches - touch) / missed
    return None
