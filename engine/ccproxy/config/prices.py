"""What tokens cost: the `prices:` section of a configuration, over the prices of provider presets."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from ccproxy.config.model import Price

if TYPE_CHECKING:
    from ccproxy.config.model import Config, Provider
    from ccproxy.config.model_facts import ModelBook
    from ccproxy.config.section import Section
    from ccproxy.jsontypes import Json

PER_TOKENS: Final = 1_000_000
MOST_REMEMBERED: Final = 4096


def read_prices(section: Section) -> dict[str, Price]:
    """Read prices by `provider/model`, where the model may be a glob; those of a configuration beat the presets'."""
    return {pattern: _read_price(entry) for pattern, entry in section.sections()}


class PriceBook:
    """Finds the price of a provider's model. Prices of other providers for the same model count for nothing."""

    def __init__(self, own: Mapping[str, Price], providers: Mapping[str, Provider], models: ModelBook) -> None:
        self._own = own
        self._providers = providers
        self._models = models
        self._found: dict[tuple[str, str], Price | None] = {}

    def price(self, provider: str, model: str) -> Price | None:
        """Return what a model costs; None when nobody knows."""
        asked = (provider, model)
        if asked not in self._found:
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            self._found[asked] = self._look_up(provider, model)
        return self._found[asked]

    def _look_up(self, provider: str, model: str) -> Price | None:
        name = f"{provider}/{model}"
        if name in self._own:
            return self._own[name]
        for pattern, price in self._own.items():
            if fnmatchcase(name, pattern):
                return price
        known = self._providers.get(provider)
        facts = self._models.own_facts(model, known) if known else None
        return facts.price if facts else None


def build_price_book(config: Config, models: ModelBook) -> PriceBook:
    """Return the prices that hold for a configuration."""
    return PriceBook(config.prices, config.providers, models)


def cost_of(usage: Mapping[str, Json], price: Price) -> float:
    """Return US dollars for the tokens of one answer, counted as the unified format counts them."""
    rates = (
        ("input", price.input),
        ("cache_read", price.input if price.cache_read is None else price.cache_read),
        ("cache_write", price.input if price.cache_write is None else price.cache_write),
        ("output", price.output),
    )
    return sum(tokens_of(usage, kind) * rate for kind, rate in rates) / PER_TOKENS


def tokens_of(usage: Mapping[str, Json], kind: str) -> int:
    """Return one count of a usage; an absent one is none."""
    count = usage.get(kind)
    return count if isinstance(count, int) else 0


def _read_price(section: Section) -> Price:
    price = Price(
        input=section.number("input") or 0.0,
        output=section.number("output") or 0.0,
        cache_read=section.number("cache_read"),
        cache_write=section.number("cache_write"),
    )
    section.finish()
    return price
