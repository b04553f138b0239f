"""Without a configuration, the environment's provider keys make one."""

from __future__ import annotations

from ccproxy.config.automatic import config_from_environment
from ccproxy.config.model import Target
from ccproxy.config.presets import Preset

PRESETS = {
    "one": Preset(
        "one",
        "One",
        "chat",
        "https://one.example/v1/",
        ("ONE_KEY", "ONE_TOKEN"),
        default_model="one-small",
        models=("one-*",),
    ),
    "two": Preset(
        "two", "Two", "claude", "https://two.example", ("TWO_KEY",), default_model="two-small", models=("two-*",)
    ),
    "embedded": Preset("embedded", "Embedded", "chat", "http://127.0.0.1:0", role="replay"),
}


def test_serves_each_provider_with_a_key_under_its_own_model_names() -> None:
    config = config_from_environment(PRESETS, {"ONE_KEY": "k1", "TWO_KEY": "k2"})

    assert config is not None
    assert {"one", "two"} == set(config.providers)
    assert "https://one.example/v1" == config.providers["one"].base_url
    aliases = {alias.pattern: alias.targets for alias in config.groups["default"].aliases}
    assert {
        "one-*": (Target("one", "*"),),
        "two-*": (Target("two", "*"),),
        "*": (Target("one", "one-small"),),
    } == aliases


def test_knows_other_names_of_a_key() -> None:
    config = config_from_environment(PRESETS, {"ONE_TOKEN": "k1"})

    assert config is not None
    assert ("k1",) == config.providers["one"].keys


def test_gives_nothing_without_a_key() -> None:
    assert config_from_environment(PRESETS, {"ONE_KEY": ""}) is None


def test_of_several_presets_for_one_key_the_first_counts() -> None:
    presets = {name: Preset(name, name, "chat", f"https://{name}.example", ("KEY",)) for name in ("a", "a-other")}

    config = config_from_environment(presets, {"KEY": "k"})

    assert config is not None
    assert ["a"] == list(config.providers)


def test_an_address_may_name_variables() -> None:
    presets = {"cloud": Preset("cloud", "Cloud", "chat", "https://${CLOUD_NAME}.example/v1", ("CLOUD_KEY",))}

    named = config_from_environment(presets, {"CLOUD_KEY": "k", "CLOUD_NAME": "mine"})

    assert named is not None
    assert "https://mine.example/v1" == named.providers["cloud"].base_url
    assert config_from_environment(presets, {"CLOUD_KEY": "k"}) is None
