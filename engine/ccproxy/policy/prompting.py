"""What a group does to prompts: replaces words of the system prompt, and puts in one of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from ccproxy.policy.pointers import read, removed, written
from ccproxy.policy.said import appended, first_spoken, has_role, marks_of, prefixed, text_part, with_texts

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.policy.names import NamePatterns
    from ccproxy.policy.places import Places, TurnPlaces


@dataclass(frozen=True, slots=True)
class Injection:
    """A prompt of the group.

    Position `system`: after the client's system prompt, or in its place where `replaces`. Position `user`: before the
    last thing that the user said; the system prompt stays. Requests without tools, which clients make for titles and
    summaries, get none unless `always`; `models` are the names that clients must have asked for.
    """

    text: str
    replaces: bool = False
    to_user: bool = False
    always: bool = False
    models: NamePatterns | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """Words of the client's system prompt, all of them wherever they stand, and what comes in their place."""

    find: str
    put: str


def replace_words(body: JsonObject, replacements: tuple[Replacement, ...], places: Places) -> JsonObject:
    """Return the body with other words in the client's system prompt; one after the other."""

    def change(text: str) -> str:
        return reduce(lambda words, each: words.replace(each.find, each.put), replacements, text)

    system, turns = places.system, places.turns
    said = read(body, system.at) if system else None
    if system is not None and said is not None:
        left = with_texts(said, change, system.parts)
        body = removed(body, system.at) if left is None else written(body, system.at, left)
    if turns is None:
        return body
    leading, rest = _split(body, turns)
    if not leading:
        return body
    changed = [_with_content(turn, turns, with_texts(turn.get(turns.content), change)) for turn in leading]
    kept: list[Json] = [turn for turn in changed if turn.get(turns.content) is not None]
    return written(body, turns.at, [*kept, *rest])


def inject(body: JsonObject, injection: Injection, places: Places) -> JsonObject:
    """Return the body with the prompt in it; a body without a place for it stays as it is."""
    if injection.to_user:
        return _to_user(body, injection.text, places.turns) if places.turns else body
    if injection.replaces:
        return _replaced(body, injection.text, places)
    return _enhanced(body, injection.text, places)


def _to_user(body: JsonObject, text: str, turns: TurnPlaces) -> JsonObject:
    said = read(body, turns.at)
    if isinstance(said, str):
        return written(body, turns.at, prefixed(said, 0, text, turns.part))
    for index in range(len(said) - 1 if isinstance(said, list) else -1, -1, -1):
        turn = said[index] if isinstance(said, list) else None
        if not isinstance(turn, dict) or not has_role(turn, turns.user_roles):
            continue
        content = turn.get(turns.content)
        number = first_spoken(content, turns.results)
        if number is not None:
            return written(body, (*turns.at, str(index), turns.content), prefixed(content, number, text, turns.part))
    return body


def _enhanced(body: JsonObject, text: str, places: Places) -> JsonObject:
    system, turns = places.system, places.turns
    leading, rest = _split(body, turns) if turns else ([], [])
    if turns is not None and leading:
        last = leading[-1]
        said = appended(last.get(turns.content), text, turns.part)
        return written(body, turns.at, [*leading[:-1], _with_content(last, turns, said), *rest])
    said = read(body, system.at) if system else None
    if system is not None and turns is not None and said is not None:
        return written(body, system.at, appended(said, text, turns.part, system.parts))
    return _begun(body, text, {}, places)


def _replaced(body: JsonObject, text: str, places: Places) -> JsonObject:
    system, turns = places.system, places.turns
    if turns is None:
        return body
    leading, rest = _split(body, turns)
    said = read(body, system.at) if system else None
    pieces = [(said, system.parts if system else ""), *((turn.get(turns.content), "") for turn in leading)]
    marks = next((found for piece, parts in reversed(pieces) if (found := marks_of(piece, turns.marks, parts))), {})
    if system is None and leading:
        content: Json = [{**text_part(turns.part, text), **marks}] if marks else text
        return written(body, turns.at, [_with_content(leading[0], turns, content), *rest])
    if leading:
        body = written(body, turns.at, rest)
    return _begun(body, text, marks, places)


def _begun(body: JsonObject, text: str, marks: JsonObject, places: Places) -> JsonObject:
    """Return the body with this text for its system prompt."""
    system, turns = places.system, places.turns
    part: JsonObject = {**text_part(turns.part if turns else {}, text), **marks}
    if system is not None:
        is_list = system.as_list or bool(marks)
        said: Json = {system.parts: [part]} if system.parts else [part] if is_list else text
        return written(body, system.at, said)
    if turns is None or not turns.system_roles:
        return body
    conversation = read(body, turns.at)
    turn: JsonObject = {"role": turns.system_role, turns.content: text}
    return written(body, turns.at, [turn, *(conversation if isinstance(conversation, list) else [])])


def _split(body: JsonObject, turns: TurnPlaces) -> tuple[list[JsonObject], list[Json]]:
    """Return the system turns that a conversation begins with, and the rest of it."""
    conversation = read(body, turns.at)
    if not isinstance(conversation, list):
        return [], []
    leading: list[JsonObject] = []
    for turn in conversation:
        if not isinstance(turn, dict) or not has_role(turn, turns.system_roles):
            break
        leading.append(turn)
    return leading, conversation[len(leading) :]


def _with_content(turn: JsonObject, turns: TurnPlaces, content: Json) -> JsonObject:
    return {**turn, turns.content: content}
