"""Unknown and missing keys. A misspelt key that leaves a required one missing is one mistake, not two."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jsonschema import ValidationError

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.jsontypes import JsonObject
from ccproxy.yamltree.nodes import MapNode, Node, json_pointer, node_at
from ccproxy.yamltree.schema_places import Path, as_path, key_span, owner_name
from ccproxy.yamltree.schema_words import lower_first

KEY_RULES = frozenset({"required", "additionalProperties", "dependentRequired"})


@dataclass(slots=True)
class KeyMistakes:
    """What is wrong with the keys of one mapping."""

    schema: JsonObject
    unknown: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)  # the key, and the key that asks for it
    known: list[str] = field(default_factory=list)


def check_keys(root: Node, errors: Iterable[ValidationError]) -> Iterator[Diagnostic]:
    """Report the unknown and missing keys of every mapping."""
    for path, mistakes in _by_mapping(errors).items():
        yield from _report(root, path, mistakes)


def _by_mapping(errors: Iterable[ValidationError]) -> dict[Path, KeyMistakes]:
    found: dict[Path, KeyMistakes] = {}
    for error in errors:
        mistakes = found.setdefault(as_path(error.absolute_path), KeyMistakes(error.schema))
        _note(error, mistakes)
    return found


def _note(error: ValidationError, mistakes: KeyMistakes) -> None:
    if error.validator == "required":
        mistakes.missing.update({key: "" for key in error.validator_value if key not in error.instance})
    elif error.validator == "dependentRequired":
        wanted = error.validator_value.items()
        present = [(owner, keys) for owner, keys in wanted if owner in error.instance]
        mistakes.missing.update({key: owner for owner, keys in present for key in keys if key not in error.instance})
    else:
        mistakes.schema = error.schema
        mistakes.unknown += [key for key in error.instance if not _is_known(key, error.schema)]
    mistakes.known += [key for key in error.schema.get("properties", {}) if key not in mistakes.known]


def _is_known(key: str, schema: JsonObject) -> bool:
    properties, patterns = schema.get("properties"), schema.get("patternProperties")
    if isinstance(properties, dict) and key in properties:
        return True
    return isinstance(patterns, dict) and any(re.search(pattern, key) for pattern in patterns)


def _report(root: Node, path: Path, mistakes: KeyMistakes) -> Iterator[Diagnostic]:
    missing = dict(mistakes.missing)
    used = _keys(root, path)
    for key in mistakes.unknown:
        meant = closest(key, missing, used) or closest(key, mistakes.known, used)
        used = (*used, meant or "")
        fixed = meant is not None and missing.pop(meant, None) is not None
        yield _unknown(root, (*path, key), mistakes, meant, fixed)
    if missing:
        yield _missing(root, path, missing, mistakes)


def _keys(root: Node, path: Path) -> tuple[str, ...]:
    node = node_at(root, path)
    return node.keys() if isinstance(node, MapNode) else ()


def _unknown(root: Node, path: Path, mistakes: KeyMistakes, meant: str | None, fixed: bool) -> Diagnostic:
    owner = owner_name(mistakes.schema, path[:-1])
    free = [key for key in mistakes.known if key not in _keys(root, path[:-1])]
    valid = f"delete it, or write one of {quoted_list(free)}" if free else "delete it"
    return Diagnostic(
        "S203",
        f"unknown key `{path[-1]}` in {owner}",
        key_span(root, path),
        label=f"{owner} has no such key",
        help=f"rename it to `{meant}`" if meant else valid,
        note=f"`{meant}` is required and missing here, which this also fixes" if fixed else "",
        path=json_pointer(path),
        suggestion=meant or "",
    )


def _missing(root: Node, path: Path, missing: dict[str, str], mistakes: KeyMistakes) -> Diagnostic:
    """All keys that a mapping lacks are one thing to mend."""
    keys, owner = quoted_list(missing, "and"), next(iter(missing.values()))
    word, verb = ("key", "is") if len(missing) == 1 else ("keys", "are")
    return Diagnostic(
        "S202",
        f"missing {word} {keys} in {owner_name(mistakes.schema, path)}",
        key_span(root, path),
        label=f"{keys} {verb} missing here" + (f", which `{owner}` needs" if owner else ""),
        help=f"add {quoted_list([f'{key}:' for key in missing], 'and')}",
        note="\n".join(note for key in missing if (note := _description(mistakes.schema, key))),
        path=json_pointer(path),
    )


def _description(schema: JsonObject, key: str) -> str:
    properties = schema.get("properties")
    described = properties.get(key) if isinstance(properties, dict) else None
    words = described.get("description") if isinstance(described, dict) else None
    return f"`{key}`: {lower_first(words)}" if isinstance(words, str) else ""
