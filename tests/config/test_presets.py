"""Facts of mappings/providers become presets."""

from __future__ import annotations

from ccproxy.config.model import Timeouts
from ccproxy.config.presets import Preset, build_presets


def test_builds_presets_in_the_order_of_their_names() -> None:
    presets = build_presets(
        {
            "two": {"provider": "two", "title": "Two", "protocol": "p", "base_url": "http://two", "price": 3},
            "one": {
                "title": "One",
                "protocol": "p",
                "base_url": "http://one",
                "key_variable": "ONE_KEY",
                "other_key_variables": ["ONE_TOKEN"],
                "models": ["one-*"],
                "timeouts": {"idle": "2m"},
                "headers": {"x": "y"},
            },
        }
    )

    assert ["one", "two"] == list(presets)
    assert Preset("two", "Two", "p", "http://two") == presets["two"]
    assert (("ONE_KEY", "ONE_TOKEN"), ("one-*",), Timeouts(idle_s=120), {"x": "y"}) == (
        presets["one"].key_variables,
        presets["one"].models,
        presets["one"].timeouts,
        presets["one"].headers,
    )
