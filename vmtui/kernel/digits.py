"""Numbers at known places of a large text, all at once: the columns of maps and smaps.

Eight characters are one 64-bit word, and a word of digits becomes a number in a few arithmetic
steps on whole arrays: some 10 ns a number, where int() of a slice takes 150. The characters are
not checked to be digits; callers check the places.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
"""Byte offsets into a text, one per number."""
Numbers = NDArray[np.uint64]

_PAD = 24
_FEW = 1000
"""Bytes of text per search from which on searching one by one is the cheaper way."""
_BYTES_0F = np.uint64(0x0F0F_0F0F_0F0F_0F0F)
_BYTES_01 = np.uint64(0x0101_0101_0101_0101)
_LANES_8 = np.uint64(0x00FF_00FF_00FF_00FF)
_LANES_16 = np.uint64(0x0000_FFFF_0000_FFFF)
_LANES_32 = np.uint64(0x0000_0000_FFFF_FFFF)
_LAST = np.array([0, *((1 << 8 * width) - 1 for width in range(1, 9))], dtype=np.uint64)
"""Indexed by width: the mask that keeps that many characters at the end of a word."""


class Text:
    """Bytes that numbers are picked from; every place is an offset into them."""

    __slots__ = ("_padded", "_words", "bytes", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.bytes = np.frombuffer(raw, np.uint8)
        # Room on both sides, so that a word may begin before the text and end after it.
        self._padded = padded = np.zeros(len(raw) + 2 * _PAD, np.uint8)
        padded[_PAD : _PAD + len(raw)] = self.bytes
        # Every byte begins a big-endian word: the first character is the most significant one.
        self._words = np.ndarray((len(raw) + _PAD + 8,), np.dtype(">u8"), padded, 0, (1,))

    def places_of(self, character: bytes) -> Places:
        """Where one character stands, in order."""
        return np.flatnonzero(self.bytes == ord(character))

    def next_places(self, character: bytes, starts: Places) -> Places:
        """From each place on, low to high, the first place of a character; -1 for none."""
        if len(starts) * _FEW < len(self.raw):  # a search each, rather than one of the whole text
            finds = (self.raw.find(character, start) for start in starts.tolist())
            return np.fromiter(finds, np.int64, len(starts))
        places = np.append(self.places_of(character), -1)
        return places[np.searchsorted(places[:-1], starts)]

    def words(self, starts: Places) -> Numbers:
        """The eight characters from each place on, the first one in the highest byte."""
        picked: Numbers = self._words[starts + _PAD].astype(np.uint64)
        return picked

    def texts(self, starts: Places, width: int) -> NDArray[np.bytes_]:
        """`width` characters from each place on."""
        if not len(starts):
            return np.empty(0, f"S{width}")
        shape = (len(self.bytes) - width + 1,)
        view: NDArray[np.bytes_] = np.ndarray(shape, f"S{width}", self.bytes, 0, (1,))
        picked: NDArray[np.bytes_] = view[starts]
        return picked

    def block(self, starts: Places, width: int) -> Block:
        """`width` characters from each place on, all of them inside the text, as a matrix."""
        whole_words = -(-width // 8) * 8
        shape = (len(self.bytes) - width + 1,)
        view = np.ndarray(shape, f"V{whole_words}", self._padded, _PAD, (1,))
        return Block(view[starts].view(np.uint8).reshape(len(starts), whole_words))

    def hexadecimal(self, starts: Places, ends: Places) -> Numbers:
        """The numbers of 1 to 16 lower-case hexadecimal digits in [start, end)."""
        return self._numbers(starts, ends, _hexadecimal, 1 << 32)

    def decimal(self, starts: Places, ends: Places) -> Numbers:
        """The numbers of 1 to 20 decimal digits in [start, end), blanks before them allowed."""
        return self._numbers(starts, ends, _decimal, 10**8)

    def _numbers(
        self, starts: Places, ends: Places, decode: Callable[[Numbers], Numbers], base: int
    ) -> Numbers:
        widths = ends - starts
        total = decode(self.words(ends - 8) & _LAST[np.minimum(widths, 8)])
        widest = int(widths.max(initial=0))
        for word in range(1, -(-widest // 8)):
            width = np.clip(widths - 8 * word, 0, 8)
            total += decode(self.words(ends - 8 * (word + 1)) & _LAST[width]) * np.uint64(
                base**word
            )
        return total


class Block:
    """Stretches of a text as the rows of a matrix, a whole number of words wide."""

    __slots__ = ("characters",)

    def __init__(self, characters: NDArray[np.uint8]) -> None:
        self.characters = characters

    def like_first(self, columns: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Per row, whether it equals the first one in those columns (the width of the matrix)."""
        words = self.characters.view(np.uint64)
        differing = words ^ words[0]
        differing &= (columns * np.uint8(0xFF)).view(np.uint64)
        equal: NDArray[np.bool_] = np.bitwise_or.reduce(differing, axis=1) == 0
        return equal

    def decimals(self, places: list[tuple[int, int]]) -> Numbers:
        """Per place a row of the decimal numbers in its columns [start, end), blanks allowed."""
        words = np.empty((len(places), len(self.characters)), np.uint64)
        for row, (start, end) in enumerate(places):
            words[row] = self._words(max(start, end - 8), end)
        totals = _decimal(words)
        for row, (start, end) in enumerate(places):
            for word, last in enumerate(range(end - 8, start, -8), 1):
                higher = _decimal(self._words(max(start, last - 8), last))
                totals[row] += higher * np.uint64(10 ** (8 * word))
        return totals

    def _words(self, first: int, last: int) -> Numbers:
        """The columns [first, last), eight at most, at the end of a word each."""
        rows, width = self.characters.shape
        if last >= 8:
            view = np.ndarray((rows,), np.dtype(">u8"), self.characters, last - 8, (width,))
            words: Numbers = view.astype(np.uint64)
        else:
            view = np.ndarray((rows,), np.dtype(">u8"), self.characters, 0, (width,))
            words = view.astype(np.uint64) >> np.uint64(8 * (8 - last))
        return words if last - first == 8 else words & _LAST[last - first]


def _hexadecimal(words: Numbers) -> Numbers:
    """Eight hexadecimal characters (or NULs before them) a word, as numbers."""
    letters = (words >> np.uint64(6)) & _BYTES_01  # 'a' to 'f' have bit 6, '0' to '9' have not
    digits = (words & _BYTES_0F) + letters * np.uint64(9)
    pairs = (digits | digits >> np.uint64(4)) & _LANES_8
    fours = (pairs | pairs >> np.uint64(8)) & _LANES_16
    eights: Numbers = (fours | fours >> np.uint64(16)) & _LANES_32
    return eights


def _decimal(words: Numbers) -> Numbers:
    """Eight decimal characters (or blanks or NULs before them) a word, as numbers."""
    digits = words & _BYTES_0F
    pairs = (digits & _LANES_8) + (digits >> np.uint64(8) & _LANES_8) * np.uint64(10)
    fours = (pairs & _LANES_16) + (pairs >> np.uint64(16) & _LANES_16) * np.uint64(100)
    eights: Numbers = (fours & _LANES_32) + (fours >> np.uint64(32)) * np.uint64(10_000)
    return eights
