"""Client recipes: how to point a client at ccproxy (mappings/clients/*.yaml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

_PLACE: Final = re.compile(r"\{(\w+)\}")
_EACH: Final = re.compile(r"\{each_\w+\}")
# Clients want limits for every model; these stand for those that nobody knows.
USUAL_CONTEXT: Final = 128_000
USUAL_OUTPUT: Final = 8_192


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A configuration file of a client; `merge` adds to what is there."""

    path: str
    format: str
    content: Json
    merge: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to point one client at ccproxy; texts hold placeholders. `mcp_…` gives it the tools behind the proxy."""

    name: str
    title: str
    protocol: str
    models: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    model_env: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    files: tuple[ClientFile, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    notes: tuple[str, ...] = ()
    mcp_command: str = ""
    mcp_files: tuple[ClientFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Filling:
    """What placeholders stand for; `models` are in the unified format."""

    root: str
    key: str
    group: str
    model: str
    mcp: str
    models: tuple[JsonObject, ...] = ()

    def names(self) -> JsonObject:
        """Return the values by placeholder."""
        return {"root": self.root, "key": self.key, "group": self.group, "model": self.model, "mcp": self.mcp}


def build_recipes(clients: Mapping[str, Mapping[str, Json]]) -> dict[str, Recipe]:
    """Return the recipes by name, in the order of their names."""
    return {name: _recipe(name, clients[name]) for name in sorted(clients)}


def fill_text(text: str, filling: Filling) -> str:
    """Return a text with its placeholders replaced; unknown ones stay as they are."""
    return str(_fill_text(text, filling.names(), keep_type=False))


def fill(template: Json, filling: Filling) -> Json:
    """Return a file's content with its placeholders replaced."""
    return _fill(template, filling.names(), filling.models)


def _fill(template: Json, names: Mapping[str, Json], models: tuple[JsonObject, ...]) -> Json:
    match template:
        case str():
            return _fill_text(template, names, keep_type=True)
        case list():
            repeated = [(item, each) for item in template for each in _each(item, names, models)]
            return [_fill(item, each, models) for item, each in repeated]
        case dict():
            entries = [(key, item, each) for key, item in template.items() for each in _each(key, names, models)]
            filled = {
                str(_fill_text(key, each, keep_type=False)): _fill(item, each, models) for key, item, each in entries
            }
            return {key: value for key, value in filled.items() if value is not None}
    return template


def _each(item: Json, names: Mapping[str, Json], models: tuple[JsonObject, ...]) -> Iterator[Mapping[str, Json]]:
    """Yield the names for one template: once, or once for each model if it is about one."""
    if "each_model" in names or not _EACH.search(repr(item)):
        yield names
        return
    for model in models:
        yield {**names, **_names_of(model)}


def _names_of(model: JsonObject) -> JsonObject:
    """Return the placeholders of one model."""
    told = model.get("capabilities")
    able = told if isinstance(told, list) else []
    return {
        "each_model": model.get("id"),
        "each_title": model.get("name") or model.get("id"),
        "each_context": model.get("context") or USUAL_CONTEXT,
        "each_output": model.get("max_output") or USUAL_OUTPUT,
        "each_images": "vision" in able,
        "each_tools": "tools" in able,
    }


def _fill_text(text: str, names: Mapping[str, Json], keep_type: bool) -> Json:
    whole = _PLACE.fullmatch(text)
    if keep_type and whole and whole[1] in names:
        return names[whole[1]]
    return _PLACE.sub(lambda hit: str(names.get(hit[1], hit[0])), text)


def _recipe(name: str, facts: Mapping[str, Json]) -> Recipe:
    mcp = facts.get("mcp")
    tools: Mapping[str, Json] = mcp if isinstance(mcp, dict) else {}
    return Recipe(
        name=name,
        title=str(facts.get("title") or name),
        protocol=str(facts.get("protocol") or ""),
        models=_texts(facts.get("models")),
        env=_text_map(facts.get("env")),
        model_env=_text_map(facts.get("model_env")),
        unset=_texts(facts.get("unset")),
        files=tuple(_files(facts.get("files"))),
        settings=_text_map(facts.get("settings")),
        command=str(facts.get("command") or ""),
        notes=_texts(facts.get("notes")),
        mcp_command=str(tools.get("command") or ""),
        mcp_files=tuple(_files(tools.get("files"))),
    )


def _files(value: Json) -> Iterator[ClientFile]:
    entries: Iterable[Json] = value if isinstance(value, list) else ()
    for entry in entries:
        if isinstance(entry, dict):
            merge = entry.get("merge") is True
            yield ClientFile(str(entry.get("path")), str(entry.get("format")), entry.get("content"), merge)


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _text_map(value: Json) -> dict[str, str]:
    return {name: str(text) for name, text in value.items()} if isinstance(value, dict) else {}
