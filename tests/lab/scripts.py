"""Scripts and lines made by Hypothesis; and what the steps of a given one cost."""

from __future__ import annotations

from hypothesis import strategies as st

from vmtui.lab.course import Course, plan_of
from vmtui.lab.operations import Operation
from vmtui.lab.operations.abi import ADVICE
from vmtui.lab.operations.advise import Advise
from vmtui.lab.operations.batches import Batches
from vmtui.lab.operations.contents import Get, Put
from vmtui.lab.operations.exit import Exit
from vmtui.lab.operations.files import Cold, Sync, Truncate
from vmtui.lab.operations.fork import Fork
from vmtui.lab.operations.limit import LimitAddress, LimitMemory
from vmtui.lab.operations.lock import Lock, Unlock
from vmtui.lab.operations.looking import Measure, Pause
from vmtui.lab.operations.map import Map
from vmtui.lab.operations.poke import Poke
from vmtui.lab.operations.protect import Protect
from vmtui.lab.operations.score import Score
from vmtui.lab.operations.swap import Swap
from vmtui.lab.operations.touch import Touch
from vmtui.lab.operations.unmap import Unmap
from vmtui.lab.operations.work import Work
from vmtui.lab.script import parse
from vmtui.lab.words import Bound, Slice
from vmtui.theory import Answer, Kernel

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,10}", fullmatch=True)
SIZES = st.integers(1, 1 << 30).map(lambda pages: pages * 4096)
BOUNDS = st.one_of(
    st.none(),
    st.integers(-1000, 1000).map(Bound),
    st.integers(0, 100).map(lambda percent: Bound(percent, percent=True)),
)
SLICES = st.builds(Slice, BOUNDS, BOUNDS, st.integers(1, 5000))
PROTS = st.sampled_from(["---", "r--", "rw-", "r-x", "rwx"])
WORDS = st.from_regex(r"[A-Za-z0-9]{1,7}", fullmatch=True)
LABELS = st.lists(st.from_regex(r"[a-z0-9.,]{1,8}", fullmatch=True), min_size=1, max_size=4).map(
    " ".join
)
PLACES = st.one_of(
    st.sampled_from(["null", "kernel", "non-canonical", "stack", "0x1000", "0xffff800000000000"]),
    NAMES,
    st.builds(
        lambda name, sign, number, unit: f"{name}{sign}{number}{unit}",
        st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
        st.sampled_from("+-"),
        st.integers(0, 1 << 40),
        st.sampled_from(["", "K", "M", "G"]),
    ),
)


@st.composite
def maps(draw: st.DrawFn) -> Map:
    kind = draw(st.sampled_from(["anon", "memfd", "file"]))
    nbytes = draw(SIZES)
    spread = draw(st.booleans())
    return Map(
        draw(NAMES),
        nbytes,
        kind,
        draw(NAMES) if kind != "anon" else "",
        draw(st.booleans()),
        draw(PROTS),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        offset=draw(st.one_of(st.just(0), SIZES)) if kind != "anon" else 0,
        folio=draw(SIZES) if kind == "file" else 4096,
        at=draw(st.one_of(st.just(0), SIZES)),
        times=draw(st.integers(2, 64)) if spread else 1,
        every=nbytes + draw(SIZES) if spread else 0,
    )


OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    maps(),
    st.builds(
        Touch, NAMES, st.booleans(), SLICES, st.one_of(st.none(), st.integers(1, 99)),
        st.one_of(st.just(0), SIZES),
    ),
    st.builds(Advise, NAMES, st.sampled_from(list(ADVICE)), SLICES),
    st.builds(Protect, NAMES, PROTS, SLICES),
    st.builds(Unmap, NAMES, SLICES),
    st.builds(Lock, NAMES, SLICES),
    st.builds(Unlock, NAMES, SLICES),
    st.builds(Fork, NAMES),
    st.builds(Exit, NAMES),
    st.builds(Sync, NAMES),
    st.builds(Cold, NAMES),
    st.builds(Truncate, NAMES, SIZES),
    st.builds(Put, NAMES, WORDS),
    st.builds(Get, NAMES, WORDS),
    st.builds(Poke, PLACES, st.sampled_from(["read", "write", "exec"])),
    st.builds(Batches, st.booleans()),
    st.builds(LimitMemory, SIZES, swap=st.one_of(st.none(), st.just(0), SIZES)),
    st.builds(
        LimitMemory, st.just(0), st.integers(1, 400), NAMES, st.one_of(st.none(), st.just(0), SIZES)
    ),
    st.builds(LimitAddress, SIZES),
    st.builds(Score, st.integers(0, 1000)),
    st.builds(Swap, st.sampled_from(["file", "zram"]), SIZES),
    st.builds(
        Work, NAMES, st.sampled_from(["random", "cyclic"]), st.booleans(),
        st.integers(1, 59_000).map(lambda thousandths: thousandths / 1000),
    ),
    st.builds(
        Work, NAMES, st.just("random"), st.booleans(), st.just(1.0), st.one_of(st.just(0), SIZES),
    ),
    st.builds(Measure, LABELS),
    st.builds(Pause, LABELS),
)  # fmt: skip


def minor_faults(script: str, pause: float) -> list[Answer]:
    """What each step costs when somebody looks so many seconds between two of them."""
    parsed, now = parse(script, {}), [0.0]
    course, found = Course(parsed, Kernel(), lambda: now[0]), []
    for step, chunks in zip(parsed.steps, plan_of(parsed), strict=True):
        course.begin(step)
        (chunk,) = chunks
        found.append(course.predict(chunk).minor)
        now[0] += pause
    return found
