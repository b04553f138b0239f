"""Deltas of an open block, told to whoever writes them without building an event for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject


TellText: TypeAlias = Callable[[int, str], object]  # (index, text)
TellArguments: TypeAlias = Callable[[int, str, int], object]  # (index, text, tool_index)


@dataclass(frozen=True, slots=True)
class EmitDeltas:
    """Once the answer has begun, each gives the function that tells deltas of its kind."""

    text: Callable[[], TellText]
    reasoning: Callable[[], TellText]
    arguments: Callable[[], TellArguments]


def event_deltas(emit: Callable[[JsonObject], None]) -> EmitDeltas:
    """Deltas as events, for who takes nothing else."""

    def text(index: int, text: str) -> None:
        emit({"type": "block_delta", "index": index, "kind": "text", "text": text})

    def reasoning(index: int, text: str) -> None:
        emit({"type": "block_delta", "index": index, "kind": "reasoning", "text": text})

    def arguments(index: int, text: str, tool_index: int) -> None:
        emit({"type": "block_delta", "index": index, "tool_index": tool_index, "kind": "arguments", "text": text})

    return EmitDeltas(lambda: text, lambda: reasoning, lambda: arguments)
