"""What an answer costs, by the prices of presets and of a configuration."""

from __future__ import annotations

import pytest

from ccproxy.config.model import Price, Provider
from ccproxy.config.model_facts import ModelBook
from ccproxy.config.prices import PriceBook, cost_of
from config.conftest import Load

BOOK = ModelBook(
    {
        "deep": {
            "base_url": "https://deep.example/v1",
            "model_facts": [{"models": ["deep-*"], "price": {"input": 2, "output": 4, "cache_read": 0.5}}],
        },
        "dear": {"base_url": "https://dear.example", "model_facts": [{"models": ["*"], "price": {"input": 99}}]},
    }
)
PROVIDERS = {
    "deep": Provider("deep", "chat", "https://deep.example/v1"),
    "mine": Provider("mine", "chat", "https://deep.example/v2"),
    "local": Provider("local", "chat", "http://127.0.0.1:8080"),
}


def test_reads_prices(load: Load) -> None:
    config, problems = load("prices: { local/*: { input: 1, output: 2, cache_write: 3 } }")

    assert [] == problems
    assert {"local/*": Price(1.0, 2.0, None, 3.0)} == config.prices


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("deep", "deep-1", Price(2.0, 4.0, 0.5)),
        ("mine", "deep-1", Price(2.0, 4.0, 0.5)),
        ("mine", "deep-cheap", Price(1.0, 1.0)),
        ("deep", "other", None),
        ("local", "deep-1", None),
        ("gone", "deep-1", None),
    ],
)
def test_a_price_is_that_of_the_provider_itself(provider: str, model: str, expected: Price | None) -> None:
    prices = PriceBook({"mine/deep-c*": Price(1.0, 1.0)}, PROVIDERS, BOOK)

    assert expected == prices.price(provider, model)


def test_an_exact_name_beats_a_pattern() -> None:
    prices = PriceBook({"local/*": Price(1.0), "local/x": Price(2.0)}, PROVIDERS, BOOK)

    assert Price(2.0) == prices.price("local", "x")


def test_every_kind_of_token_has_its_rate() -> None:
    usage = {"input": 1_000_000, "cache_read": 2_000_000, "cache_write": 1_000_000, "output": 500_000, "reasoning": 9}

    assert 1 + 2 * 0.1 + 1.25 + 0.5 * 4 == pytest.approx(cost_of(usage, Price(1, 4, 0.1, 1.25)))


def test_cached_tokens_without_a_rate_cost_as_input() -> None:
    assert 3.0 == cost_of({"input": 1_000_000, "cache_read": 1_000_000, "cache_write": 1_000_000}, Price(1.0, 5.0))
