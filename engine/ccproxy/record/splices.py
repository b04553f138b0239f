"""Replace stretches of a text or of bytes, and tell where positions are afterwards."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

Content = TypeVar("Content", str, bytes)


class Span(NamedTuple):
    """Characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


class Splice(NamedTuple):
    """Bytes from `start` to `end` become `data`."""

    start: int
    end: int
    data: bytes


def apply_spans(text: str, spans: Iterable[Span]) -> str:
    """Return the text with sorted spans replaced."""
    return "".join(_pieces(text, [(span.start, span.end, span.text) for span in spans]))


def apply_splices(data: bytes, splices: Iterable[Splice]) -> bytes:
    """Return the bytes with sorted splices replaced."""
    return b"".join(_pieces(data, [(splice.start, splice.end, splice.data) for splice in splices]))


def _pieces(content: Content, changes: Sequence[tuple[int, int, Content]]) -> list[Content]:
    pieces: list[Content] = []
    position = 0
    for start, end, replacement in changes:
        pieces += (content[position:start], replacement)
        position = end
    pieces.append(content[position:])
    return pieces


def moved(cuts: Sequence[int], splices: Sequence[Splice]) -> list[int]:
    """Return where positions of the bytes are after the splices; inside one they stay as far in as they can."""
    starts = [splice.start for splice in splices]
    shifts = [0]
    for splice in splices:
        shifts.append(shifts[-1] + len(splice.data) - (splice.end - splice.start))
    return [_moved(cut, splices, shifts, bisect_right(starts, cut)) for cut in cuts]


def _moved(cut: int, splices: Sequence[Splice], shifts: Sequence[int], passed: int) -> int:
    if passed:
        last = splices[passed - 1]
        if cut < last.end:
            return last.start + shifts[passed - 1] + min(cut - last.start, len(last.data))
    return cut + shifts[passed]


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order; of two that overlap the longer one stays, stretched over both."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        last = result[-1] if result else None
        if last is None or span.start >= last.end:
            result.append(span)
        elif span.end > last.end:
            longer = max(last, span, key=lambda each: each.end - each.start)
            length = span.end - last.start
            result[-1] = Span(last.start, span.end, longer.text.ljust(length, "x")[:length])
    return result
