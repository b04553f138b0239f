"""The committed wire schemas are what the generator makes of the SDKs they name."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

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
        assert text == (WIRE / name).read_text(encoding="utf-8"), f"run python -m ccproxy.schemagen: {name}"


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.protocol)
def test_every_protocol_has_the_four_kinds(plan) -> None:  # type: ignore[no-untyped-def]
    assert {"request", "response", "stream", "error"} <= {source.kind for source in plan.sources}
