"""Writes plain values as YAML that a person can read: blocks for objects, one line for what is short."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

LONGEST_LINE: Final = 100
_PLAIN: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def to_yaml(value: JsonObject) -> str:
    """Return an object as a YAML document."""
    return "".join(f"{line}\n" for line in _object(value, ""))


def _object(value: JsonObject, indent: str) -> Iterator[str]:
    for name, item in value.items():
        yield from _entry(f"{indent}{_scalar(name)}:", item, indent + "  ")


def _entry(start: str, item: Json, indent: str) -> Iterator[str]:
    short = _short(item)
    if short is not None and len(start) + len(short) < LONGEST_LINE:
        yield f"{start} {short}"
    elif isinstance(item, dict):
        yield start
        yield from _object(item, indent)
    elif isinstance(item, list):
        yield start
        for each in item:
            yield from _item(each, indent)
    else:
        yield f"{start} {_scalar(item)}"


def _item(item: Json, indent: str) -> Iterator[str]:
    if not isinstance(item, dict) or not item or _fits(item):
        yield f"{indent}- {_short(item) or json.dumps(item, ensure_ascii=False)}"
        return
    lines = list(_object(item, indent + "  "))
    yield f"{indent}- {lines[0].lstrip()}"
    yield from lines[1:]


def _fits(item: Json) -> bool:
    short = _short(item)
    return short is not None and len(short) < LONGEST_LINE


def _short(item: Json) -> str | None:
    """Return a value in one line, None for what is better read in several."""
    if isinstance(item, dict):
        parts = [(_scalar(name), _short(each)) for name, each in item.items()]
        if any(text is None for _, text in parts):
            return None
        return f"{{ {', '.join(f'{name}: {text}' for name, text in parts)} }}" if parts else "{}"
    if isinstance(item, list):
        texts = [_short(each) for each in item]
        return (
            None if None in texts or any(isinstance(each, dict) for each in item) else f"[{', '.join(map(str, texts))}]"
        )
    return _scalar(item)


def _scalar(value: Json) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
