"""What all requests of a conversation have in common: how it began."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from orjson import OPT_SORT_KEYS, dumps

from ccproxy.mapping.keycase import camel_body
from ccproxy.policy.pointers import read
from ccproxy.policy.said import has_role

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.policy.places import Places


def conversation_of(body: JsonObject, places: Places | None) -> str:
    """Return a short text for what the user said first; empty where there is no conversation."""
    if places is None or places.turns is None:
        return ""
    if places.keep is not None:
        body = camel_body(body, places.keep)
    turns = places.turns
    said = read(body, turns.at)
    if isinstance(said, list):
        said = next((turn for turn in said if has_role(turn, turns.user_roles)), None)
        said = said.get(turns.content) if isinstance(said, dict) else None
    return blake2b(dumps(said, option=OPT_SORT_KEYS), digest_size=8).hexdigest() if said else ""
