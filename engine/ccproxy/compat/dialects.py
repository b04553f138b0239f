"""A dialect: how a kind of model is asked to write calls, and what its calls are recognised by (mappings/compat)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal, cast

from ccproxy.compat.grammar import Begin, Words

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json

Syntax = Literal["elements", "json", "call_json", "pythonic"]
RULES: Final = "rules"


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before, between and after calls of one turn."""

    begin: str = ""
    join: str = "\n"
    end: str = ""


@dataclass(frozen=True, slots=True)
class Argument:
    """How an argument is written as an element; `typed` ones may say their type."""

    begin: str
    end: str
    join: str = "\n"
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One file of mappings/compat."""

    name: str
    models: tuple[str, ...]
    prompt: str
    syntax: Syntax
    begin: str
    end: str
    around: Around
    argument: Argument | None
    name_field: str
    arguments_field: str
    result: str
    begins: tuple[Begin, ...]
    own_begins: tuple[Begin, ...]
    befores: tuple[str, ...]
    afters: tuple[str, ...]
    separators: tuple[str, ...]
    is_default: bool = False

    def fit(self, model: str) -> int:
        """How well it suits a model: the length of the longest pattern that matches, 0 when none does."""
        return max((len(glob) for glob in self.models if fnmatchcase(model.lower(), glob.lower())), default=0)


@dataclass(frozen=True, slots=True)
class Rules:
    """What all dialects share: rules.yaml."""

    templates: Mapping[str, str]
    words: Words
    thoughts: tuple[tuple[str, str], ...]
    refusals: tuple[str, ...]
    abilities: frozenset[str]


def build_dialect(name: str, facts: Mapping[str, Json]) -> Dialect:
    """The dialect that a checked file states."""
    call, markers = _object(facts["call"]), _object(facts["markers"])
    argument = call.get("argument")
    return Dialect(
        name=name,
        models=_texts(facts.get("models")),
        prompt=str(facts["prompt"]),
        syntax=cast("Syntax", call["syntax"]),
        begin=str(call["begin"]),
        end=str(call.get("end", "")),
        around=Around(**{key: str(value) for key, value in _object(facts.get("around")).items()}),
        argument=Argument(**{key: str(value) for key, value in argument.items()})
        if isinstance(argument, dict)
        else None,
        name_field=str(call.get("name_field", "name")),
        arguments_field=str(call.get("arguments_field", "arguments")),
        result=str(facts["result"]),
        begins=_begins(markers.get("begin")),
        own_begins=_begins(markers.get("own_begin"), strict=True),
        befores=_texts(markers.get("before")),
        afters=_texts(markers.get("after")),
        separators=_texts(markers.get("separators")),
        is_default=facts.get("default") is True,
    )


def build_rules(facts: Mapping[str, Json]) -> Rules:
    """The shared rules that a checked file states."""
    words = {name: frozenset(_texts(listed)) for name, listed in _object(facts["words"]).items()}
    thoughts = facts.get("thoughts")
    return Rules(
        {name: str(text) for name, text in _object(facts["templates"]).items()},
        Words(**words),
        tuple((str(pair[0]), str(pair[1])) for pair in thoughts if isinstance(pair, list))
        if isinstance(thoughts, list)
        else (),
        _texts(facts.get("refusals")),
        frozenset(_texts(facts.get("abilities"))),
    )


def _begins(listed: Json, *, strict: bool = False) -> tuple[Begin, ...]:
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return tuple(
        Begin(
            str(entry["text"]),
            _texts(entry.get("end")),
            "pythonic" if entry.get("body") == "pythonic" else "any",
            strict,
        )
        for entry in entries
    )


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _texts(value: Json) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
