"""Every record comes back as it was, alone and as a difference to any other of its kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.record import tapes
from tests.record.alike import unlike
from tests.record.values import NAMES, record
from vmtui.missing import Missing
from vmtui.record.codec import (
    MOST_BYTES,
    NOTHING,
    Classes,
    Damaged,
    Decoder,
    Encoder,
    Fields,
    packed,
    unpacked,
)

QUICK = settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None)


def again(value: Any, base: Any = NOTHING) -> Any:
    """The value written and read, with the base that the reader has of its own."""
    classes = Classes()
    encoder = Encoder(classes)
    whole = NOTHING if base is NOTHING else encoder.encode(base)
    raw = encoder.encode(value, base)
    decoder = Decoder([Fields(shape, shape.fields) for shape in classes.shapes])
    return decoder.decode(raw, NOTHING if whole is NOTHING else decoder.decode(whole))


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(data=st.data())
def test_every_record(name: str, data: st.DataObject) -> None:
    value = data.draw(record(name))
    assert not unlike(value, again(value))


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(data=st.data())
def test_every_record_against_another(name: str, data: st.DataObject) -> None:
    value, base = data.draw(record(name)), data.draw(record(name))
    assert not unlike(value, again(value, base))


def test_what_is_the_same_takes_a_byte() -> None:
    (tick,) = tapes.moments(1)
    encoder = Encoder(Classes())
    assert len(encoder.encode(tick.sample, tick.sample)) == 1
    (equal,) = tapes.moments(1)
    assert len(encoder.encode(equal.sample.machine, tick.sample.machine)) == 1


def test_a_process_that_barely_changes_takes_little() -> None:
    one, other = tapes.moments(2)
    encoder = Encoder(Classes())
    whole = len(encoder.encode(one.targets[0]))
    assert len(encoder.encode(other.targets[0], one.targets[0])) < whole / 5


@pytest.mark.parametrize(
    "value", [object(), {1: object()}, [1], np.zeros((2, 2)), print, Damaged("")]
)
def test_what_belongs_into_no_recording_is_not_written(value: Any) -> None:
    with pytest.raises((TypeError, KeyError)):
        Encoder(Classes()).encode(value)


def test_a_text_that_a_terminal_would_obey_comes_back_as_escapes() -> None:
    back = again(Missing("a\x1b[31mb\u202e", "\x9b2J"))
    assert back.reason == r"a\x1b[31mb\u202e"
    assert back.unlock == r"\u009b2J"


@given(st.binary(max_size=200))
def test_packed_bytes_come_back(raw: bytes) -> None:
    assert unpacked(packed(raw)) == raw


@pytest.mark.parametrize("blob", [None, 3, "text", b"", b"x\x9c", packed(b"a" * 99)[:-1],
                                  packed(b"a") + b"b"])  # fmt: skip
def test_what_was_not_packed_is_damage(blob: Any) -> None:
    with pytest.raises(Damaged):
        unpacked(blob)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Damaged):
        unpacked(packed(bytes(MOST_BYTES + 1)))


@QUICK
@given(data=st.data())
def test_bytes_that_were_changed_are_damage_or_a_sound_record(data: st.DataObject) -> None:
    (tick,) = tapes.moments(1)
    classes = Classes()
    value = data.draw(st.sampled_from([tick.sample, tick.targets[0]]))
    raw = bytearray(Encoder(classes).encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    decoder = Decoder([Fields(shape, shape.fields) for shape in classes.shapes])
    try:
        decoder.decode(bytes(raw))
    except Damaged as damage:
        assert str(damage).isprintable()


@QUICK
@given(st.binary(max_size=60))
@example(b"\x06")  # a number without its bytes
def test_any_bytes_are_damage_or_a_value(raw: bytes) -> None:
    classes = Classes()
    Encoder(classes).encode(tapes.moments(1)[0].targets[0])
    decoder = Decoder([Fields(shape, shape.fields) for shape in classes.shapes])
    try:
        decoder.decode(raw)
    except Damaged as damage:
        assert str(damage).isprintable()
