"""Deltas of an open block, told to whoever writes them without building an event for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject


@dataclass(frozen=True, slots=True)
class EmitDeltas:
    """`text(index, text)`, `reasoning(index, text)` and `arguments(index, text, tool_index)`."""

    text: Callable[[int, str], object]
    reasoning: Callable[[int, str], object]
    arguments: Callable[[int, str, int], object]


def event_deltas(emit: Callable[[JsonObject], None]) -> EmitDeltas:
    """Deltas as events, for who takes nothing else."""

    def text(index: int, text: str) -> None:
        emit({"type": "block_delta", "index": index, "kind": "text", "text": text})

    def reasoning(index: int, text: str) -> None:
        emit({"type": "block_delta", "index": index, "kind": "reasoning", "text": text})

    def arguments(index: int, text: str, tool_index: int) -> None:
        emit({"type": "block_delta", "index": index, "tool_index": tool_index, "kind": "arguments", "text": text})

    return EmitDeltas(text, reasoning, arguments)
