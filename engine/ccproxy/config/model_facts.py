"""What provider presets know of models: names, limits and abilities (`model_facts:` of mappings/providers/*.yaml)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ccproxy.config.model import Price

if TYPE_CHECKING:
    from ccproxy.config.model import Provider
    from ccproxy.jsontypes import Json

_GLOB: Final = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of one model; abilities are the words of the presets."""

    context: int | None = None
    output: int | None = None
    abilities: frozenset[str] = frozenset()
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    globs: tuple[str, ...]
    facts: ModelFacts


class ModelBook:
    """The model tables of all presets."""

    def __init__(self, providers: Mapping[str, Mapping[str, Json]]) -> None:
        own = {name: tuple(_entries(preset)) for name, preset in providers.items()}
        self._tables = {
            name: own[name] or own.get(str(preset.get("facts_of")), ()) for name, preset in providers.items()
        }
        self._hosts = {host: name for name, preset in providers.items() if (host := _host(preset.get("base_url")))}

    def names(self, provider: Provider | None = None) -> Iterator[str]:
        """Yield names of models that a provider has, or any provider."""
        tables = self._tables.values() if provider is None else (self._table(provider),)
        for table in tables:
            for entry in table:
                yield from (glob for glob in entry.globs if not _GLOB.intersection(glob))

    def facts(self, model: str, provider: Provider | None = None) -> ModelFacts | None:
        """Return what is known of a model, from the provider's own table or else from any."""
        tables = (self._table(provider), *self._tables.values()) if provider else tuple(self._tables.values())
        for table in tables:
            for entry in table:
                if any(fnmatchcase(model, glob) for glob in entry.globs):
                    return entry.facts
        return None

    def own_facts(self, model: str, provider: Provider) -> ModelFacts | None:
        """Return what a provider's own table knows of a model."""
        entries = self._table(provider)
        return next((entry.facts for entry in entries if any(fnmatchcase(model, glob) for glob in entry.globs)), None)

    def _table(self, provider: Provider) -> tuple[_Entry, ...]:
        name = provider.name if provider.name in self._tables else self._hosts.get(_host(provider.base_url), "")
        return self._tables.get(name, ())


def _entries(preset: Mapping[str, Json]) -> Iterator[_Entry]:
    listed = preset.get("model_facts")
    for entry in listed if isinstance(listed, list) else ():
        if not isinstance(entry, dict):
            continue
        names, able = entry.get("models"), entry.get("capabilities")
        globs = names if isinstance(names, list) else [names]
        abilities = [name for name, has in able.items() if has is True] if isinstance(able, dict) else []
        context, output = entry.get("context"), entry.get("output")
        yield _Entry(
            tuple(str(glob) for glob in globs),
            ModelFacts(
                context if isinstance(context, int) else None,
                output if isinstance(output, int) else None,
                frozenset(abilities),
                _price(entry.get("price")),
            ),
        )


def _price(table: Json) -> Price | None:
    if not isinstance(table, dict):
        return None
    rates = {name: float(rate) for name, rate in table.items() if isinstance(rate, int | float)}
    return Price(rates.get("input", 0.0), rates.get("output", 0.0), rates.get("cache_read"), rates.get("cache_write"))


def _host(url: Json) -> str:
    return urlsplit(url).netloc if isinstance(url, str) else ""
