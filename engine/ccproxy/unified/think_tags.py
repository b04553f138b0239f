"""Thoughts that a model writes into its text between tags, told apart while they stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

Part: TypeAlias = tuple[Literal["text", "reasoning"], str]
Place: TypeAlias = Literal["start", "inside", "text"]


class ThinkTags:
    """Splits text into thoughts and text; holds back only what may be the beginning of a tag.

    The opening tag counts only at the start of a text, where models write it: elsewhere it is what the text
    is about. Blanks around the thoughts belong to neither side.
    """

    __slots__ = ("_closing", "_held", "_opening", "_place", "_trim")

    def __init__(self, opening: str, closing: str) -> None:
        self._opening = opening
        self._closing = closing
        self._held = ""
        self._place: Place = "start"
        self._trim = False

    def feed(self, text: str) -> Iterator[Part]:
        self._held += text
        if self._place == "start":
            self._enter()
        if self._place == "inside":
            yield from self._thoughts()
        if self._place == "text":
            yield from self._taken("text", len(self._held))

    def flush(self) -> Iterator[Part]:
        """What is held back, as what it is when no tag follows; the next text starts anew."""
        yield from self._taken("reasoning" if self._place == "inside" else "text", len(self._held))
        self._place = "start"
        self._trim = False

    def _enter(self) -> None:
        text = self._held.lstrip()
        if text.startswith(self._opening):
            self._held = text[len(self._opening) :]
            self._place, self._trim = "inside", True
        elif not self._opening.startswith(text):
            self._place = "text"

    def _thoughts(self) -> Iterator[Part]:
        end = self._held.find(self._closing)
        if end < 0:
            yield from self._taken("reasoning", len(self._held) - held_tail(self._held, self._closing))
            return
        yield from self._taken("reasoning", end)
        self._held = self._held[len(self._closing) :]
        self._place, self._trim = "text", True

    def _taken(self, kind: Literal["text", "reasoning"], length: int) -> Iterator[Part]:
        part, self._held = self._held[:length], self._held[length:]
        if self._trim:
            part = part.lstrip()
        if part:
            self._trim = False
            yield kind, part


def held_tail(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    longest = min(len(text), len(tag) - 1)
    return next((size for size in range(longest, 0, -1) if tag.startswith(text[-size:])), 0)
