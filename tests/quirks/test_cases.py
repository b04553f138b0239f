"""Every folder of tests/fixtures/quirks is a request or an answer of one backend, converted with the quirks it has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccproxy.conversion.engine import Engine
from conversions.cases import leads_somewhere, like
from quirks.backends import FIXTURES, backend_of, load_yaml, send

PATHS = sorted(FIXTURES.glob("*/case.yaml"))

every_case = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.parent.name)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@every_case
def test_it(engine: Engine, path: Path) -> None:
    case = load_yaml(path)
    output, dropped = _convert(engine, case)

    assert case.get("expect", {}) == like(case.get("expect", {}), output)
    assert [pointer for pointer in case.get("absent", ()) if leads_somewhere(output, pointer)] == []
    text = json.dumps(output, ensure_ascii=False)
    assert [word for word in case.get("never", ()) if word in text] == []
    assert [name for name in case.get("dropped", ()) if name not in dropped] == []


@every_case
def test_the_quirks_it_shows_apply(engine: Engine, path: Path) -> None:
    case = load_yaml(path)
    target = case["from"] if case.get("kind") == "response" else case["to"]
    names = engine.quirks.chain(backend_of({**case, "to": target})).names

    assert [name for name in case["shows"] if name not in names] == []


def _convert(engine: Engine, case: dict[str, Any]) -> tuple[Any, list[str]]:
    if case.get("kind") == "response":
        request = {"model": case["model"], "max_tokens": 50, "messages": [{"role": "user", "content": "Go."}]}
        return engine.response(case["input"], source=case["from"], target=case["to"], request=request), []
    exchange = send(engine, case, case["input"])
    return exchange.upstream_request, exchange.dropped
