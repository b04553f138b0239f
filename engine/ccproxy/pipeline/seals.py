"""Signatures of other protocols' models in a request, found without parsing it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.mapping.protocol import Protocol


def holds_seals(source: Protocol, raw: bytes) -> bool:
    """Whether a client's body holds what a model of another protocol signed, which only a conversion removes."""
    seals = source.answers.get("sealed")
    if not isinstance(seals, list):
        return False
    marks, ends = _marks(tuple(str(seal) for seal in seals))
    # the last two letters are found several times faster than the whole
    return any(end in raw for end in ends) and any(mark in raw for mark in marks)


@lru_cache
def _marks(seals: tuple[str, ...]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    marks = tuple(seal.encode() for seal in seals)
    return marks, tuple({mark[-2:] for mark in marks})
