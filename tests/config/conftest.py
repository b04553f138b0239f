"""Load a configuration from a text, with one preset and two protocols."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ccproxy.config.loader import load_config
from ccproxy.config.model import Config
from ccproxy.config.presets import Preset
from ccproxy.diagnostics.model import Diagnostic

PRESETS = {"deep": Preset("deep", "Deep", "chat", "https://deep.example/v1", ("DEEP_KEY",), quirks=("deep_quirk",))}

Load = Callable[..., tuple[Config, list[Diagnostic]]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_text(text: str, environ: Mapping[str, str] | None = None) -> tuple[Config, list[Diagnostic]]:
        path = tmp_path / "ccproxy.yaml"
        return load_config(path, environ or {}, PRESETS, {"chat", "claude"}, textwrap.dedent(text))

    return load_text
