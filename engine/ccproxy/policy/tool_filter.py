"""Tools that a group takes out of requests. Calls of the past stay: they happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.policy.pointers import Steps, read, removed, written
from ccproxy.unified.tool_names import join_name

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.policy.names import NamePatterns
    from ccproxy.policy.places import ChoicePlace, Places, ToolPlaces


def has_tools(body: JsonObject, places: Places) -> bool:
    """Whether a request offers a tool."""
    tools = places.tools
    return tools is not None and any(_lists(body, steps) for steps in tools.at)


def drop_tools(body: JsonObject, dropped: NamePatterns, places: Places) -> JsonObject:
    """Return the body without the tools of these names, and without choices of them."""
    if places.tools is None:
        return body
    return _Filter(places.tools, dropped).filtered(body)


class _Filter:
    """State of one filtering: the names that went and those that stay."""

    def __init__(self, places: ToolPlaces, dropped: NamePatterns) -> None:
        self._places = places
        self._dropped = dropped
        self._gone: set[str] = set()
        self._kept: set[str] = set()

    def filtered(self, body: JsonObject) -> JsonObject:
        changed = body
        for steps in self._places.at:
            changed = self._without(changed, steps)
        if changed is not body and not any(_lists(changed, steps) for steps in self._places.at):
            for steps in self._places.gone_with_tools:
                changed = removed(changed, steps)
            return changed
        for choice in self._places.choices:
            changed = self._clean_choice(changed, choice)
        return changed

    def _without(self, body: JsonObject, steps: Steps) -> JsonObject:
        """Filter each list that the steps lead to; `*` stands for every item of a list."""
        if "*" in steps:
            at = steps.index("*")
            items = read(body, steps[:at])
            for index in range(len(items) if isinstance(items, list) else 0):
                body = self._without(body, (*steps[:at], str(index), *steps[at + 1 :]))
            return body
        tools = read(body, steps)
        if not isinstance(tools, list):
            return body
        kept = self._filtered_list(tools, "")
        if kept == tools:
            return body
        return written(body, steps, kept) if kept or len(steps) > 1 else removed(body, steps)

    def _filtered_list(self, tools: list[Json], outer: str) -> list[Json]:
        return [kept for tool in tools if (kept := self._filtered_tool(tool, outer)) is not None]

    def _filtered_tool(self, tool: Json, outer: str) -> Json:
        """Return a tool without the dropped tools that it holds; None when nothing is left of it."""
        if not isinstance(tool, dict):
            return tool
        name = _first_text(tool, self._places.name)
        namespace = tool.get(self._places.namespace) if self._places.namespace else outer
        if name is not None and self._drops(name, str(namespace or "")):
            return None
        left = dict(tool)
        for field in self._places.inside:
            inner = tool.get(field)
            if isinstance(inner, list):
                left[field] = self._filtered_list(inner, name or "")
                if inner and not left[field]:
                    del left[field]
        if self._places.keyed:
            left = {key: value for key, value in left.items() if key in self._places.inside or not self._drops(key, "")}
            return left or None
        held = [field for field in self._places.inside if tool.get(field)]
        return left if not held or any(field in left for field in held) else None

    def _drops(self, name: str, namespace: str) -> bool:
        joined = join_name(namespace, name) if namespace else name
        is_dropped = self._dropped.match(name) or (joined != name and self._dropped.match(joined))
        (self._gone if is_dropped else self._kept).add(name)
        return is_dropped

    def _clean_choice(self, body: JsonObject, place: ChoicePlace) -> JsonObject:
        choice = read(body, place.at)
        if not isinstance(choice, dict):
            return body
        name = _first_text(choice, place.name)
        if name is not None and self._is_gone(name):
            return _freed(body, choice, place)
        for steps in place.allowed:
            allowed = read(choice, steps)
            if isinstance(allowed, list) and allowed:
                kept = [item for item in allowed if not self._is_gone(self._name_of(item))]
                if not kept:
                    return _freed(body, choice, place)
                if len(kept) < len(allowed):
                    body = written(body, (*place.at, *steps), kept)
        return body

    def _name_of(self, item: Json) -> str:
        return item if isinstance(item, str) else (_first_text(item, self._places.name) or "")

    def _is_gone(self, name: str) -> bool:
        return name in self._gone - self._kept or (name not in self._kept and self._dropped.match(name))


def _freed(body: JsonObject, choice: JsonObject, place: ChoicePlace) -> JsonObject:
    if place.otherwise is None:
        return removed(body, place.at)
    named = {steps[0] for steps in (*place.name, *place.allowed)}
    left = {name: value for name, value in choice.items() if name not in named}
    return written(body, place.at, {**left, **place.otherwise})


def _lists(body: JsonObject, steps: Steps) -> list[Json]:
    """Return the tools that the steps lead to."""
    if "*" not in steps:
        found = read(body, steps)
        return found if isinstance(found, list) else []
    at = steps.index("*")
    items = read(body, steps[:at])
    held = items if isinstance(items, list) else []
    return [tool for item in held if isinstance(item, dict) for tool in _lists(item, steps[at + 1 :])]


def _first_text(value: Json, paths: tuple[Steps, ...]) -> str | None:
    return next((found for steps in paths if isinstance(found := read(value, steps), str)), None)
