"""Prices of providers that there are not, and budgets in US dollars that some models would never count for."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ccproxy.config.model import SAME_MODEL
from ccproxy.config.model_facts import ModelBook
from ccproxy.config.prices import build_price_book
from ccproxy.diagnostics.suggest import closest, quoted_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccproxy.config.checks.known import Checking
    from ccproxy.config.model import AccessKey, Config


def check_prices(checking: Checking) -> None:
    """Check that prices are those of providers, and that budgets see the price of what their keys may ask for."""
    providers = {*checking.config.providers, *(entry.name for entry in checking.entries("providers"))}
    for entry in checking.entries("prices"):
        name, slash, _ = entry.name.partition("/")
        if not slash or not any(fnmatchcase(provider, name) for provider in providers):
            near = closest(name, providers) or ""
            checking.report(
                "C601",
                f"`{entry.name}` is the price of no provider",
                entry.key,
                "prices stand by `provider/model`",
                help=f"did you mean `{near}/…`?" if near else "",
                suggestion=near,
            )
    _check_budgets(checking)


def _check_budgets(checking: Checking) -> None:
    limited = [key for key in checking.config.access if key.budget is not None and key.budget.usd is not None]
    if not limited:
        return
    prices = build_price_book(checking.config, ModelBook(checking.known.presets))
    nodes = {entry.name: entry.key for entry in checking.entries("access", "keys")}
    for key in limited:
        asked = dict.fromkeys(_targets(key, checking.config))
        free = [f"{provider}/{model}" for provider, model in asked if prices.price(provider, model) is None]
        if free and key.name in nodes:
            checking.report(
                "C621",
                f"the budget of `{key.name}` does not see {quoted_list(free, 'and')}",
                nodes[key.name],
                "answers without a price cost nothing",
                "warning",
                help=f"write `prices: {{ {free[0]}: {{ input: 1, output: 4 }} }}`, in US dollars per million tokens",
            )


def _targets(key: AccessKey, config: Config) -> Iterator[tuple[str, str]]:
    """Yield what a key's groups name; where the client names the model, nobody knows yet."""
    for name in key.groups or config.groups:
        for alias in config.groups[name].aliases if name in config.groups else ():
            for target in alias.targets:
                if target.model != SAME_MODEL:
                    yield target.provider, target.model
