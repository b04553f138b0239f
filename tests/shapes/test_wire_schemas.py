"""Wire schemas describe real traffic: each field in it is declared, or listed as ignored with a reason."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ccproxy.datadirs import find_data_dir
from ccproxy.schemagen.plan import Plan, load_plan
from ccproxy.shapes.schemas import has_schema, load_schema
from ccproxy.shapes.shape import Shape, shape_of
from shapes.fitting import misfits
from shapes.traffic import PROTOCOLS, Message, captured_requests, needs_captures, needs_recordings, recorded

ADDITIONS = find_data_dir("schemas") / "wire" / "additions"
KINDS = ("request", "response", "stream", "error")
WIRE = [f"wire/{protocol}/{kind}" for protocol in PROTOCOLS for kind in KINDS if has_schema(f"wire/{protocol}/{kind}")]
UNIFIED = [f"unified/{name}" for name in ("request", "response", "fragment", "event", "error", "block")]


def is_ignored(plan: Plan, kind: str, misfit: str) -> bool:
    field = misfit.partition(":")[0]
    return any(kind in ignored.kinds and ignored.covers(field) for ignored in plan.ignored)


def unexplained(schema: str, messages: Iterable[Message]) -> list[str]:
    """Return what the schema does not know and the additions do not ignore, with a file that shows it."""
    _, protocol, kind = schema.split("/")
    plan = load_plan(ADDITIONS / f"{protocol}.yaml")
    found = {misfit: message.name for message in messages for misfit in misfits(message.body, shape_of(schema))}
    found = {misfit: name for misfit, name in found.items() if not is_ignored(plan, kind, misfit)}
    return [f"{misfit}   ({name})" for misfit, name in sorted(found.items())]


@needs_recordings
@pytest.mark.parametrize("schema", WIRE)
def test_describes_every_recorded_message(schema: str) -> None:
    _, protocol, kind = schema.split("/")
    messages = recorded(protocol, kind)

    assert messages
    assert unexplained(schema, messages) == []


@needs_captures
@pytest.mark.parametrize("schema", [name for name in WIRE if name.endswith("/request")])
def test_describes_what_real_clients_send(schema: str) -> None:
    messages = [message for message in captured_requests() if message.schema == schema]

    assert messages
    assert unexplained(schema, messages) == []


@pytest.mark.parametrize("schema", WIRE + UNIFIED)
def test_every_place_can_be_read_as_a_shape(schema: str) -> None:
    load_schema(schema)
    seen: set[Shape] = set()
    waiting = [shape_of(schema)]
    while waiting:
        shape = waiting.pop()
        if shape not in seen:
            seen.add(shape)
            waiting += [shape.items(), *(shape.property(name).shape for name in shape.property_names())]

    assert len(seen) > 2


@pytest.mark.parametrize("schema", [name for name in WIRE if name.endswith("/request")])
def test_requests_do_not_demand_a_model(schema: str) -> None:
    assert not shape_of(schema).property("model").required
