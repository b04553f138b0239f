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


class DeltaVoice:
    """Tells deltas; the function of a kind is made when its first delta comes, since a stream's head must be known."""

    __slots__ = ("_deltas", "arguments", "reasoning", "text")

    def __init__(self, deltas: EmitDeltas) -> None:
        self._deltas = deltas
        self.text: TellText = self._first_text
        self.reasoning: TellText = self._first_reasoning
        self.arguments: TellArguments = self._first_arguments

    def fall_silent(self) -> None:
        """Tell nothing more, and let go of own methods held by name: what holds itself stays in memory."""
        self.text = self.reasoning = _untold
        self.arguments = _untold_arguments

    def _first_text(self, index: int, text: str) -> None:
        self.text = self._deltas.text()
        self.text(index, text)

    def _first_reasoning(self, index: int, text: str) -> None:
        self.reasoning = self._deltas.reasoning()
        self.reasoning(index, text)

    def _first_arguments(self, index: int, text: str, tool_index: int) -> None:
        self.arguments = self._deltas.arguments()
        self.arguments(index, text, tool_index)


def _untold(index: int, text: str) -> None:
    """Tell nothing: the stream is over."""


def _untold_arguments(index: int, text: str, tool_index: int) -> None:
    """Tell nothing: the stream is over."""
