"""Short requests of every protocol, and backends as cases name them."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ccproxy.conversion.backend import Backend
from ccproxy.conversion.engine import Engine
from ccproxy.conversion.exchange import Exchange

FIXTURES = Path(__file__).parents[1] / "fixtures" / "quirks"

SHORT: dict[str, dict[str, Any]] = {
    "claude": {"model": "m", "max_tokens": 20000, "messages": [{"role": "user", "content": "Go."}]},
    "openai-chat": {"model": "m", "messages": [{"role": "user", "content": "Go."}]},
    "openai-responses": {"model": "m", "input": "Go."},
    "gemini": {"model": "m", "contents": [{"role": "user", "parts": [{"text": "Go."}]}]},
    "ollama": {"model": "m", "messages": [{"role": "user", "content": "Go."}]},
}


def load_yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def backend_of(case: dict[str, Any]) -> Backend:
    """The backend that a case describes; what it leaves out is unknown."""
    return Backend(case["to"], case["model"], case.get("provider", ""), case.get("host", ""))


def send(engine: Engine, case: dict[str, Any], body: dict[str, Any]) -> Exchange:
    """Convert a client's request for the case's backend."""
    backend = backend_of(case)
    return engine.open(case["from"], case["to"], deepcopy(body), model=case["model"], backend=backend)


def found(value: Any, path: str) -> bool:
    """Whether a path of names leads somewhere."""
    for step in path.split("/"):
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True
