"""Values of the wrong type, words that are not allowed, and every other broken rule."""

from collections.abc import Callable, Mapping

from jsonschema import ValidationError

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.jsontypes import Json, JsonObject
from ccproxy.yamltree.branches import NoBranch
from ccproxy.yamltree.nodes import MapNode, Node, json_pointer, node_at
from ccproxy.yamltree.schema_places import Path, as_path, key_span, owner_name, shown_name, value_span
from ccproxy.yamltree.schema_words import RULE_LABELS, RULES, found_word, literal, lower_first, type_advice, type_words


def value_problem(root: Node, error: ValidationError | NoBranch) -> Diagnostic:
    """Explain one violation that is not about which keys there are."""
    if isinstance(error, NoBranch):
        return _no_branch(root, error)
    if "propertyNames" in error.relative_schema_path or "propertyNames" in error.absolute_schema_path:
        return _bad_name(root, error)
    return KEYWORDS.get(str(error.validator), _broken_rule)(root, error)


def _no_branch(root: Node, choice: NoBranch) -> Diagnostic:
    first = choice.reasons[0]
    if first.validator == "required":
        return _missing_choice(root, choice)
    if first.validator == "type":
        types = [name for error in choice.reasons if error.validator == "type" for name in _types(error)]
        return _type_problem(root, as_path(first.absolute_path), types, choice.error.schema)
    same = [error for error in choice.reasons if error.absolute_path == first.absolute_path]
    allowed = [value for error in same for value in _allowed(error)]
    return _value_not_allowed(root, as_path(first.absolute_path), allowed, first.schema)


def _missing_choice(root: Node, choice: NoBranch) -> Diagnostic:
    """One of several keys must be there, and none is."""
    path = as_path(choice.error.absolute_path)
    keys = quoted_list(dict.fromkeys(key for reason in choice.reasons for key in reason.validator_value))
    return Diagnostic(
        "S202",
        f"missing key {keys} in {owner_name(choice.error.schema, path)}",
        key_span(root, path),
        label=f"{keys} is missing here",
        help=f"add {keys}",
        path=json_pointer(path),
    )


def _wrong_type(root: Node, error: ValidationError) -> Diagnostic:
    return _type_problem(root, as_path(error.absolute_path), _types(error), error.schema)


def _type_problem(root: Node, path: Path, types: list[str], schema: JsonObject) -> Diagnostic:
    node = node_at(root, path) or root
    wanted = type_words(types)
    return Diagnostic(
        "S201",
        f"{shown_name(path)} must be {wanted}",
        value_span(root, path),
        label=f"{found_word(node)}, not {wanted}",
        help=type_advice(node, types),
        note=description(schema),
        path=json_pointer(path),
    )


def _not_allowed(root: Node, error: ValidationError) -> Diagnostic:
    return _value_not_allowed(root, as_path(error.absolute_path), _allowed(error), error.schema)


def _value_not_allowed(root: Node, path: Path, allowed: list[Json], schema: JsonObject) -> Diagnostic:
    node = node_at(root, path) or root
    words = list(dict.fromkeys(literal(value) for value in allowed))
    written = getattr(node, "text", found_word(node))
    meant = closest(written, words)
    return Diagnostic(
        "S204",
        f"{shown_name(path)} cannot be `{written}`",
        value_span(root, path),
        label=f"expected {quoted_list(words)}",
        help=f"write `{meant}`" if meant else f"write {quoted_list(words)}",
        note=description(schema),
        path=json_pointer(path),
        suggestion=meant or "",
    )


def _broken_rule(root: Node, error: ValidationError) -> Diagnostic:
    path = as_path(error.absolute_path)
    rule = RULES.get(str(error.validator))
    wanted = f"must be {rule.format(_limit(error))}" if rule else "does not fit here"
    return _rule_problem(root, path, wanted, error.schema, RULE_LABELS.get(str(error.validator), "does not fit"))


def _bad_pattern(root: Node, error: ValidationError) -> Diagnostic:
    path = as_path(error.absolute_path)
    form = error.schema.get("patternErrorMessage")
    wanted = f"must be {form}" if form else f"must match `{error.validator_value}`"
    return _rule_problem(root, path, wanted, error.schema, "not of this form")


def _not_unique(root: Node, error: ValidationError) -> Diagnostic:
    return _rule_problem(root, as_path(error.absolute_path), "must not name anything twice", error.schema, "not unique")


def _forbidden(root: Node, error: ValidationError) -> Diagnostic:
    words = error.schema.get("errorMessage", "has keys that exclude each other")
    return _rule_problem(root, as_path(error.absolute_path), words, error.schema, "one too many")


def _rule_problem(root: Node, path: Path, wanted: str, schema: JsonObject | bool, label: str) -> Diagnostic:
    facts = schema if isinstance(schema, dict) else {}
    return Diagnostic(
        str(facts.get("x-code", "S205")),
        f"{shown_name(path)} {wanted}",
        value_span(root, path),
        label=label,
        note=description(facts),
        path=json_pointer(path),
    )


def _bad_name(root: Node, error: ValidationError) -> Diagnostic:
    """A key that is free in number but not in form."""
    path = as_path(error.absolute_path)
    owner = node_at(root, path)
    allowed = [literal(value) for value in _allowed(error)]
    used = owner.keys() if isinstance(owner, MapNode) else ()
    meant = closest(str(error.instance), allowed, used)
    form = error.schema.get("patternErrorMessage", "another name")
    return Diagnostic(
        "S203",
        f"unknown key `{error.instance}` in {owner_name(error.parent.schema if error.parent else {}, path)}",
        key_span(root, (*path, str(error.instance))),
        label=f"expected {quoted_list(allowed)}" if allowed else f"expected {form}",
        help=f"rename it to `{meant}`" if meant else "",
        path=json_pointer((*path, str(error.instance))),
        suggestion=meant or "",
    )


def _types(error: ValidationError) -> list[str]:
    wanted = error.validator_value
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _allowed(error: ValidationError) -> list[Json]:
    if error.validator == "const":
        return [error.validator_value]
    return list(error.validator_value) if error.validator == "enum" else []


def _limit(error: ValidationError) -> str:
    limit: Json = error.validator_value
    word = {"minItems": "item", "maxItems": "item", "minProperties": "key", "maxProperties": "key"}.get(error.validator)
    if word is None:
        return str(limit)
    return f"{limit} {word}" if limit == 1 else f"{limit} {word}s"


def description(schema: JsonObject) -> str:
    """What the property is for, as its schema tells it."""
    words = schema.get("description")
    return lower_first(words) if isinstance(words, str) else ""


KEYWORDS: Mapping[str, Callable[[Node, ValidationError], Diagnostic]] = {
    "type": _wrong_type,
    "enum": _not_allowed,
    "const": _not_allowed,
    "pattern": _bad_pattern,
    "uniqueItems": _not_unique,
    "not": _forbidden,
}
