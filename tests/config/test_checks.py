"""What sections of a configuration say together, compared with what routing really does."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy.cli.checked_config import load_checked
from ccproxy.config.checks.patterns import covers
from ccproxy.config.checks.providers import is_public
from ccproxy.config.model import Alias, Target
from ccproxy.conversion.engine import Engine
from ccproxy.routing.aliases import AliasTable, compile_pattern

ENGINE = Engine.load()
EXAMPLE = """
providers: { local: { protocol: openai-chat, base_url: "http://127.0.0.1:1/v1" } }
groups: { default: { aliases: { %s } } }
"""
NAMES = ["".join(letters) for length in range(6) for letters in product("abx", repeat=length)]
patterns = st.text("ab*?", min_size=1, max_size=5)


@given(patterns, patterns)
@settings(max_examples=400, deadline=None)
def test_one_pattern_covers_another_when_it_matches_all_its_names(wide: str, narrow: str) -> None:
    narrower, wider = compile_pattern(narrow), compile_pattern(wide)

    assert covers(wide, narrow) == all(wider.fullmatch(name) for name in NAMES if narrower.fullmatch(name))


def codes(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[tuple[str, int]]:
    found = load_checked(folder / "ccproxy.yaml", environ or {}, ENGINE, text)[1]
    return [(problem.code, problem.span.column) for problem in found]


@given(st.lists(patterns, min_size=2, max_size=4, unique=True))
@settings(max_examples=60, deadline=None)
def test_an_alias_is_unreachable_when_routing_never_finds_it(names: list[str]) -> None:
    """One alias can be hidden by several together, which is not looked for; hidden by one is always told."""
    text = EXAMPLE % ", ".join(f'"{name}": local/a' for name in names)
    table = AliasTable([Alias(name, (Target("local", "a"),)) for name in names])
    found = {alias.pattern for name in NAMES if (alias := table.find(name))}
    told = sum(code == "C603" for code, _ in codes(Path(), text))

    assert told <= len(set(names) - found)
    if len(names) == 2:
        assert told == len(set(names) - found)


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("http://api.example.com/v1", True),
        ("http://8.8.8.8/v1", True),
        ("http://[2001:4860:4860::8888]/v1", True),
        ("http://127.0.0.1:8080/v1", False),
        ("http://[::1]:8080/v1", False),
        ("http://192.168.0.3/v1", False),
        ("http://localhost/v1", False),
        ("http://gpu-box:8000/v1", False),
        ("http://host.docker.internal:11434", False),
        ("http://gpu.lan/v1", False),
    ],
)
def test_public_is_what_lies_beyond_the_own_network(url: str, public: bool) -> None:
    assert public == is_public(url)


def test_keys_are_compared_by_what_variables_hold(tmp_path: Path) -> None:
    text = """
providers: { local: { protocol: openai-chat, base_url: "http://127.0.0.1:1/v1", keys: [$A, $B, "${C}"] } }
groups: { default: { aliases: { "*": local/a } } }
"""

    assert [] == codes(tmp_path, text, {"A": "one", "B": "two", "C": "three"})
    assert ["C615"] == [code for code, _ in codes(tmp_path, text, {"A": "one", "B": "two", "C": "one"})]


def test_a_group_that_an_open_key_reaches_is_reached(tmp_path: Path) -> None:
    text = """
access: { keys: { me: { key: some words, groups: [a] }%s } }
providers: { local: { protocol: openai-chat, base_url: "http://127.0.0.1:1/v1" } }
groups: { a: { aliases: { "*": local/a } }, b: { aliases: { "*": local/a } } }
active_group: a
"""

    assert ["C617"] == [code for code, _ in codes(tmp_path, text % "")]
    assert [] == codes(tmp_path, text % ", all: other words")


def test_a_model_is_retired_where_its_provider_is_that_presets_host(tmp_path: Path) -> None:
    text = """
providers: { mine: { protocol: openai-chat, base_url: "%s" } }
groups: { default: { aliases: { "*": mine/gpt-4-turbo } } }
"""

    assert ["C619"] == [code for code, _ in codes(tmp_path, text % "https://api.openai.com/v1")]
    assert [] == codes(tmp_path, text % "https://elsewhere.example/v1")
