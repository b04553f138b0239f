"""Settings of sampling, read and written in their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.policy.pointers import Steps, read, removed, written
from ccproxy.policy.said import is_one_of
from ccproxy.policy.sampling import STOP, Sampling

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.policy.places import Budget, Places, SettingPlace


def settle(body: JsonObject, sampling: Sampling, places: Places) -> JsonObject:
    """Return the body with the settings that it should have; what a protocol has no place for is left out."""

    def value_of(name: str) -> Json:
        place = places.settings.get(name)
        return None if place is None else _value(body, place)

    changed = body
    for name, value in sampling.changes(value_of).items():
        place = places.settings.get(name)
        if place is not None and not _is_fixed(body, place):
            changed = _set(changed, place, [value] if name == STOP and isinstance(value, str) else value)
    return changed


def _value(body: JsonObject, place: SettingPlace) -> Json:
    value = next((found for steps in place.at if (found := read(body, steps)) is not None), None)
    lowest = place.none_below
    return None if lowest is not None and isinstance(value, int | float) and value < lowest else value


def _is_fixed(body: JsonObject, place: SettingPlace) -> bool:
    return any(is_one_of(read(body, steps), words) for steps, words in place.unless)


def _set(body: JsonObject, place: SettingPlace, value: Json) -> JsonObject:
    if isinstance(value, int | float):
        value = value if place.most is None else min(value, place.most)
        value = value if place.least is None else max(value, place.least)
    present: list[Steps] = [steps for steps in place.at if read(body, steps) is not None]
    for steps in present or place.at[:1]:
        body = written(body, steps, value)
    if place.budget is not None and isinstance(value, int | float):
        body = _within(body, place.budget, value)
    return body


def _within(body: JsonObject, budget: Budget, below: float) -> JsonObject:
    value = read(body, budget.at)
    if not isinstance(value, int | float) or value < below:
        return body
    return written(body, budget.at, below - 1) if below > budget.least else removed(body, budget.remove)
