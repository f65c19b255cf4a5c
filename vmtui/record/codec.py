"""Values to bytes and back: `encode` and `decode`, packed, with the names of classes kept apart.

Never pickle or marshal. A part of a recording is one value, deflated; unpacking stops at a bound,
whatever the bytes would become.
"""

from __future__ import annotations

import zlib
from typing import Any

from vmtui.record.decoder import Decoder, Fields
from vmtui.record.encoder import NOTHING, Classes, Encoder
from vmtui.record.tags import MOST_BYTES, Damaged

__all__ = [
    "MOST_BYTES", "NOTHING", "Classes", "Damaged", "Decoder", "Encoder", "Fields", "packed",
    "unpacked",
]  # fmt: skip

_WELL_BYTES = 64 << 10
"""Up to here the better compression costs less than a millisecond or two."""


def packed(raw: bytes) -> bytes:
    """The bytes deflated."""
    return zlib.compress(raw, 6 if len(raw) <= _WELL_BYTES else 1)


def unpacked(blob: Any) -> bytes:
    """The bytes as they were.

    Raises:
        Damaged: it is not deflated, is cut off, or would be larger than any part can be.
    """
    if type(blob) is not bytes:
        raise Damaged("it has something else where bytes should be")
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(blob, MOST_BYTES)
    except zlib.error as error:
        raise Damaged("its bytes cannot be unpacked") from error
    if not stream.eof or stream.unused_data:
        raise Damaged("its bytes cannot be unpacked")
    return raw
