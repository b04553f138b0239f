"""The committed wire schemas are what the generator makes of the SDKs they name."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest

from ccproxy.datadirs import find_data_dir
from ccproxy.schemagen.generation import generate
from ccproxy.schemagen.plan import load_plans
from ccproxy.shapes.schemas import load_schema

WIRE = find_data_dir("schemas") / "wire"
PLANS = load_plans(WIRE / "additions")


def installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.protocol)
def test_committed_schemas_are_up_to_date(plan) -> None:  # type: ignore[no-untyped-def]
    comment = str(load_schema(f"wire/{plan.protocol}/request")["$comment"])
    if f"{plan.package} {installed(plan.package)} " not in comment:
        pytest.skip(f"made with another version: {comment}")

    for name, text in generate(plan):
        written = (WIRE / name).read_text(encoding="utf-8")
        assert in_one_order(written) == in_one_order(text), f"run python -m ccproxy.schemagen: {name}"


def in_one_order(text: str) -> list[str]:
    """The lines without the order of enums: `typing` takes the one that it met first in this process."""
    schema = json.loads(text, object_hook=with_sorted_enum)
    return json.dumps(schema, indent=1).splitlines()


def with_sorted_enum(node: dict[str, Any]) -> dict[str, Any]:
    return {**node, "enum": sorted(node["enum"], key=str)} if isinstance(node.get("enum"), list) else node


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.protocol)
def test_every_protocol_has_the_four_kinds(plan) -> None:  # type: ignore[no-untyped-def]
    assert {"request", "response", "stream", "error"} <= {source.kind for source in plan.sources}
