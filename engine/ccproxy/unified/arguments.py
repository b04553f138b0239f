"""Arguments of tool calls between JSON text and objects; numbers keep every digit."""

from __future__ import annotations

import json
from typing import NoReturn

import orjson

from ccproxy.jsontypes import Json


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def parse_arguments(text: str) -> dict[str, Json] | str:
    """The object that `text` says; blank text is no arguments, anything else unparsable stays text."""
    if not text or text.isspace():
        return {}
    found = parse_object(text)
    return text if found is None else found


def parse_object(text: str) -> dict[str, Json] | None:
    """The object that `text` says, if it says one."""
    # orjson would turn integers of more than 64 bits into floats
    try:
        found = _decoder.decode(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def render_arguments(arguments: dict[str, Json]) -> str:
    """Compact JSON text of an arguments object."""
    try:
        return orjson.dumps(arguments).decode()
    except orjson.JSONEncodeError:
        return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
