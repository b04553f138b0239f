"""Checks client bodies on the hot path, and says in plain words what is wrong with a bad one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, cast

import jsonschema_rs

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.shapes.lenient import lenient_schema
from ccproxy.shapes.nodes import kind_of

WORDS: Final = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "null": "null",
}
TYPE: Final = "type"


@dataclass(frozen=True, slots=True)
class BodyProblem:
    """One mistake in a body: where (`messages[0].content[1].text`), what was expected there, what was found."""

    path: str
    expected: str
    found: str

    @property
    def message(self) -> str:
        """The sentence for a 400 answer."""
        place = f"`{self.path}`" if self.path else "the body"
        if not self.found:
            return f"{place} is missing: it must be {self.expected}"
        return f"{place} must be {self.expected}, but it is {self.found}"


@dataclass(slots=True)
class BodyValidator:
    """Checks bodies against the lenient variant of a wire schema, made and compiled at the first use."""

    schema_name: str
    make_schema: Callable[[], JsonObject] | None = None
    _compiled: jsonschema_rs.Draft202012Validator | None = field(default=None, repr=False)

    def problem(self, body: Json) -> BodyProblem | None:
        """Return the first mistake in `body`, None when there is none."""
        if self._compiled is None:
            schema = self.make_schema() if self.make_schema else lenient_schema(self.schema_name)
            self._compiled = jsonschema_rs.Draft202012Validator(schema)
        if self._compiled.is_valid(body):
            return None
        return _explain(list(self._compiled.iter_errors(body)), _rules(self.schema_name))


@cache
def body_validator(schema_name: str) -> BodyValidator:
    """Return the one validator of a schema."""
    return BodyValidator(schema_name)


@cache
def _rules(schema_name: str) -> JsonObject:
    """Return the lenient schema for wording; made at the first bad body only."""
    return lenient_schema(schema_name)


def _explain(errors: Sequence[jsonschema_rs.ValidationError], schema: JsonObject) -> BodyProblem:
    """Return the mistake nearest to the top of the body."""
    first = min(errors, key=lambda error: (len(error.instance_path), error.kind.name != TYPE))
    path = list(first.instance_path)
    rule = _follow(schema, list(first.schema_path)[:-1])
    if isinstance(first.kind, jsonschema_rs.ValidationErrorKind.Required):
        name = first.kind.property
        properties = cast(dict[str, JsonObject], rule.get("properties", {}))
        return BodyProblem(_render_path([*path, name]), _expected(properties.get(name, {})), found="")
    return BodyProblem(_render_path(path), _expected(rule), _found(cast(Json, first.instance)))


def _follow(schema: JsonObject, steps: Sequence[str | int]) -> JsonObject:
    """Return the subschema that a validator's path names; the path passes through references."""
    here: Json = schema
    for step in steps:
        if step == "$ref":
            reference = cast(JsonObject, here)["$ref"]
            here = cast(JsonObject, schema["$defs"])[cast(str, reference).removeprefix("#/$defs/")]
        elif isinstance(here, dict) and isinstance(step, str) and step in here:
            here = here[step]
    return here if isinstance(here, dict) else {}


def _expected(rule: JsonObject) -> str:
    kinds = rule.get("type")
    names = [kinds] if isinstance(kinds, str) else cast(list[str], kinds or [])
    words = [WORDS[name] for name in WORDS if name in names and name != "null"] or ["a value"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _found(value: Json) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else WORDS[kind_of(value)]


def _render_path(steps: Sequence[str | int]) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
