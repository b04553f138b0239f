"""The provider's name of a model wherever a request repeats the client's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Location


def with_copies(body: JsonObject, location: Location, model: str) -> JsonObject | None:
    """Return the body with the model's name in it, None when nothing changes; the client's own stays as it is."""
    changed: Json = body
    if location.body is not None and location.path is None:
        changed = _set(changed, location.body[1:].split("/"), model, present=False)
    for pointer, text in location.copies.items():
        changed = _set(changed, pointer[1:].split("/"), text.replace("{model}", model), present=True)
    return changed if changed is not body and isinstance(changed, dict) else None


def _set(value: Json, steps: list[str], text: str, present: bool) -> Json:
    """Set a text where the steps lead; where `present`, only in place of another."""
    if not steps:
        return text
    step, *rest = steps
    if isinstance(value, list) and step == "*":
        return [_set(item, rest, text, present) for item in value]
    if not isinstance(value, dict) or (present and step not in value):
        return value
    inner = _set(value.get(step), rest, text, present)
    return value if inner == value.get(step) else {**value, step: inner}
