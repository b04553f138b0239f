"""Text in its three forms: a text, a list of parts, or an object that holds such a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

TEXT: Final = "text"
BETWEEN: Final = "\n\n"


def text_part(shape: Mapping[str, Json], text: str) -> JsonObject:
    """Return a part that says a text."""
    return {**shape, TEXT: text}


def with_texts(said: Json, change: Callable[[str], str], parts: str = "") -> Json:
    """Return what is said with every text changed; texts that become empty go, None when nothing is left."""
    if isinstance(said, str):
        return change(said) or None
    if isinstance(said, list):
        return [kept for part in said if (kept := with_texts(part, change, parts)) is not None] or None
    if not isinstance(said, dict):
        return said
    text, held = said.get(TEXT), said.get(parts) if parts else None
    if isinstance(text, str):
        changed = change(text)
        return {**said, TEXT: changed} if changed or not text else None
    if held is None:
        return said
    inner = with_texts(held, change)
    return None if inner is None else {**said, parts: inner}


def appended(said: Json, text: str, shape: Mapping[str, Json], parts: str = "") -> Json:
    """Return what is said and then a text: after a blank line, or as one more part."""
    if isinstance(said, str):
        return said + BETWEEN + text if said.strip() else text
    if isinstance(said, list):
        return [*said, text_part(shape, text)]
    if isinstance(said, dict) and parts:
        held = said.get(parts)
        inner: list[Json] = held if isinstance(held, list) else [] if held is None else [held]
        return {**said, parts: [*inner, text_part(shape, text)]}
    return text


def first_spoken(said: Json, results: frozenset[str]) -> int | None:
    """Return the number of the first part that answers no tool call, None when there is none."""
    if isinstance(said, str):
        return 0
    items = said if isinstance(said, list) else [said]
    return next((number for number, part in enumerate(items) if part and not is_result(part, results)), None)


def has_results(said: Json, results: frozenset[str]) -> bool:
    """Whether a turn answers tool calls."""
    items = said if isinstance(said, list) else [said]
    return any(is_result(part, results) for part in items)


def is_result(part: Json, results: frozenset[str]) -> bool:
    """Whether a part answers a tool call: by its type, or by a field."""
    return isinstance(part, dict) and (is_one_of(part.get("type"), results) or not results.isdisjoint(part))


def has_role(turn: Json, roles: frozenset[str]) -> bool:
    """Whether a turn has one of these roles; an empty one stands for none."""
    return isinstance(turn, dict) and is_one_of(turn.get("role", ""), roles)


def is_one_of(value: Json, words: frozenset[str]) -> bool:
    """Whether a value, which may be anything that a client sends, is one of these texts."""
    return isinstance(value, str) and value in words


def prefixed(said: Json, number: int, text: str, shape: Mapping[str, Json]) -> Json:
    """Return what is said with a text and a blank line before its part of this number."""
    if isinstance(said, str):
        return text + BETWEEN + said if said.strip() else text
    items = said if isinstance(said, list) else [said]
    part = items[number]
    if isinstance(part, str):
        return [*items[:number], text + BETWEEN + part, *items[number + 1 :]]
    own = part.get(TEXT) if isinstance(part, dict) else None
    if isinstance(part, dict) and isinstance(own, str):
        return [*items[:number], {**part, TEXT: text + BETWEEN + own}, *items[number + 1 :]]
    return [*items[:number], text_part(shape, text), *items[number:]]


def marks_of(said: Json, names: tuple[str, ...], parts: str = "") -> JsonObject:
    """Return the marks of the last part that has any, e.g. of a prompt cache."""
    held = said.get(parts) if isinstance(said, dict) and parts else said
    for part in reversed(held if isinstance(held, list) else []):
        if isinstance(part, dict) and any(part.get(name) is not None for name in names):
            return {name: part[name] for name in names if part.get(name) is not None}
    return {}
