"""Presets: `providers: {deepseek: {}}` in a configuration is enough."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from ccproxy.config.loader import load_config
from ccproxy.config.presets import build_presets
from ccproxy.conversion.backend import matches
from ccproxy.datadirs import find_builtin_dir
from ccproxy.mapping.loader import load_tree
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.schema_check import check_schema
from ccproxy.yamltree.schema_store import SchemaStore

MAPPINGS = find_builtin_dir("mappings")
TREE, _ = load_tree([MAPPINGS])
PRESETS: dict[str, Any] = dict(sorted(TREE.providers.items()))
VARIABLES = {
    "AZURE_OPENAI_RESOURCE": "mine",
    "GOOGLE_VERTEX_LOCATION": "europe-west4",
    "GOOGLE_VERTEX_PROJECT": "my-project",
}
PROTOCOLS = {"openai-chat", "openai-responses", "claude", "gemini", "ollama"}
WANTED = {
    "openai", "anthropic", "gemini", "vertex", "azure-openai", "deepseek", "dashscope", "dashscope-intl",
    "moonshot", "zai", "minimax", "mistral", "groq", "xai", "openrouter", "together", "fireworks", "cerebras",
    "nvidia", "huggingface", "modelscope", "siliconflow", "github-models", "github-copilot", "perplexity",
    "ollama", "lmstudio", "vllm", "llamacpp",
}  # fmt: skip

every_preset = pytest.mark.parametrize("name", PRESETS)


def test_well_known_providers_have_one() -> None:
    assert set() == WANTED - set(PRESETS)


@every_preset
def test_it_meets_the_schema(name: str) -> None:
    node, problems = load_yaml(MAPPINGS / "providers" / f"{name}.yaml")

    assert node is not None
    assert [*problems, *check_schema(node, "mapping/provider", SchemaStore(MAPPINGS.parent / "schemas"))] == []


@every_preset
def test_it_names_what_exists(name: str) -> None:
    preset = PRESETS[name]

    assert name == preset["provider"]
    assert preset["protocol"] in set(TREE.folders) | PROTOCOLS
    assert set() == set(preset.get("quirks", ())) - set(TREE.quirks)
    assert preset.get("facts_of", name) in PRESETS


@every_preset
def test_its_quirks_are_of_its_protocol(name: str) -> None:
    preset = PRESETS[name]
    quirks = [TREE.quirks[quirk] for quirk in preset.get("quirks", ())]

    assert [quirk.name for quirk in quirks if not matches(preset["protocol"], quirk.applies_to["protocol"])] == []


@every_preset
def test_its_address_is_safe(name: str) -> None:
    address = urlsplit(PRESETS[name]["base_url"])

    assert address.hostname
    assert address.scheme == "https" or address.hostname == "127.0.0.1"
    assert not address.path.endswith("/")


@every_preset
def test_it_says_where_a_key_comes_from(name: str) -> None:
    preset = PRESETS[name]
    local = urlsplit(preset["base_url"]).hostname == "127.0.0.1"

    assert local or re.fullmatch(r"[A-Z][A-Z0-9_]+", preset["key_variable"])
    assert "https://" in preset["source"]


@every_preset
def test_its_facts_are_dated_and_in_order(name: str) -> None:
    """The first entry that matches a name wins, so no entry may stand behind one that matches all its names."""
    preset = PRESETS[name]
    facts = preset.get("model_facts", [])
    lists = [[entry["models"]] if isinstance(entry["models"], str) else entry["models"] for entry in facts]
    hidden = [
        glob
        for number, globs in enumerate(lists)
        for glob in globs
        if any(matches(glob.replace("*", ""), earlier) for earlier in lists[:number])
    ]

    assert hidden == []
    assert not facts or re.fullmatch(r"20\d\d-\d\d-\d\d", preset["facts_from"]["date"])


@every_preset
def test_its_facts_are_likely(name: str) -> None:
    for entry in PRESETS[name].get("model_facts", []):
        price = entry.get("price", {})

        assert entry.get("output", 1) <= entry["context"], entry["models"]
        assert price.get("input", 0) <= price.get("output", 0), entry["models"]
        assert price.get("cache_read", 0) <= price.get("input", 0), entry["models"]


@every_preset
def test_it_is_enough_in_a_configuration(name: str, tmp_path: Any) -> None:
    text = f"providers: {{ {name}: {{}} }}\ngroups: {{ default: {{ aliases: {{ '*': {name}/m }} }} }}\n"

    config, found = load_config(
        tmp_path / "ccproxy.yaml", VARIABLES, build_presets(PRESETS), set(TREE.folders) | PROTOCOLS, text
    )

    assert [problem.message for problem in found if problem.severity == "error"] == []
    assert PRESETS[name]["protocol"] == config.providers[name].protocol
    assert tuple(PRESETS[name].get("quirks", ())) == config.providers[name].quirks
