"""Names find their alias, and an alias's targets take turns."""

from __future__ import annotations

from collections import Counter

import pytest

from ccproxy.config.model import Alias, Config, Group, Provider, Target
from ccproxy.routing.failures import ProxyError
from ccproxy.routing.rotation import build_rotation
from ccproxy.routing.router import Router

PROVIDERS = {
    "three": Provider("three", "chat", "http://three", ("a", "b", "c")),
    "one": Provider("one", "chat", "http://one", ("d",)),
    "local": Provider("local", "chat", "http://local"),
}


def alias(pattern: str, *targets: str) -> Alias:
    return Alias(pattern, tuple(Target(*target.split("/")) for target in targets))


ROUTER = Router(
    Config(
        providers=PROVIDERS,
        groups={
            "default": Group(
                "default",
                (
                    alias("*", "local/any"),
                    alias("big-*", "one/big"),
                    alias("big-red-*", "one/big-red"),
                    alias("big-red-1", "one/exact"),
                    alias("m?", "one/question"),
                    alias("same-*", "one/*"),
                ),
            ),
            "small": Group("small", (alias("tiny", "one/tiny"), alias("teeny", "one/teeny")), fallback_group=None),
            "leaning": Group("leaning", (), fallback_group="small"),
        },
        active_group="small",
    )
)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("big-red-1", "exact"),
        ("big-red-2", "big-red"),
        ("big-2", "big"),
        ("m1", "question"),
        ("m12", "any"),
        ("BIG-2", "any"),
        ("a\nb", "any"),
        ("small@tiny", "tiny"),
        ("switch@tiny", "tiny"),
        ("user@host", "any"),
    ],
)
def test_the_closest_pattern_wins(model: str, expected: str) -> None:
    choice = ROUTER.choose(None, model)

    assert expected == choice.turns[0].model


@pytest.mark.parametrize("group", ["small", "switch", "leaning"])
def test_looks_in_the_group_of_the_path(group: str) -> None:
    choice = ROUTER.choose(group, "tiny")

    assert "tiny" == choice.turns[0].model


def test_an_unknown_model_is_told_the_closest_aliases() -> None:
    with pytest.raises(ProxyError) as failure:
        ROUTER.choose("small", "tinny")

    assert ("not_found", 404, "model") == (
        failure.value.error["kind"],
        failure.value.error["status"],
        failure.value.error["param"],
    )
    assert "`tiny`" in str(failure.value)


def test_an_unknown_group_is_told_the_closest_group() -> None:
    with pytest.raises(ProxyError, match="Did you mean `small`"):
        ROUTER.choose("smal", "tiny")


def test_a_star_target_keeps_the_clients_model_name() -> None:
    for name in ("same-7", "default@same-7"):
        choice = ROUTER.choose(None, name)
        assert "same-7" == choice.model_of(choice.turns[0])


def count(targets: list[Target], turns: int) -> Counter[tuple[str, str | None, str]]:
    rotation = build_rotation(targets, PROVIDERS)
    return Counter((turn.provider.name, turn.key, turn.model) for turn in (rotation.order()[0] for _ in range(turns)))


def test_traffic_is_proportional_to_keys_not_to_models() -> None:
    counts = count([Target("three", "m1"), Target("three", "m2"), Target("one", "m3")], 80)

    by_provider = Counter[str]()
    for (provider, _, _), number in counts.items():
        by_provider[provider] += number
    assert {"three": 60, "one": 20} == by_provider
    assert {10} == {number for (provider, _, _), number in counts.items() if provider == "three"}


def test_a_provider_without_keys_takes_turns_too() -> None:
    assert {("local", None, "a"): 10, ("one", "d", "b"): 10} == count([Target("local", "a"), Target("one", "b")], 20)


def test_weights_share_by_weight() -> None:
    counts = count([Target("three", "m1", 2), Target("one", "m2", 1)], 90)

    assert 30 == counts["one", "d", "m2"]
    assert [20, 20, 20] == [counts["three", key, "m1"] for key in "abc"]


def test_turns_are_spread_evenly() -> None:
    rotation = build_rotation([Target("three", "m"), Target("one", "m")], PROVIDERS)

    names = [rotation.order()[0].provider.name for _ in range(8)]

    assert 2 == names.count("one")
    assert 4 == names.index("one", names.index("one") + 1) - names.index("one")
