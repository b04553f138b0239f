"""Every recorded request of every protocol, for upstreams of every protocol: valid there, or a listed gap."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ccproxy import Engine, RequestRejected
from ccproxy.shapes.validator import body_validator
from recordings.traffic import SHARED, Recording, recordings

PROTOCOLS = ("claude", "gemini", "ollama", "openai-chat", "openai-responses")
GAPS = YAML(typ="safe").load(Path(__file__).with_name("known_gaps.yaml"))
ASKED = [found for protocol in PROTOCOLS for found in recordings(protocol) if found.request is not None]

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no recordings beside the project")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def gap(recording: Recording, target: str) -> str | None:
    """The words of the refusal that is expected, if one is."""
    listed = GAPS.get(recording.name, {})
    return listed.get("refusal") if target in listed.get("targets", ()) else None


@pytest.mark.parametrize("target", PROTOCOLS)
@pytest.mark.parametrize("recording", ASKED, ids=lambda recording: recording.name)
def test_a_recorded_request_is_valid_for(engine: Engine, recording: Recording, target: str) -> None:
    body = copy.deepcopy(recording.request)
    refusal = gap(recording, target)
    if refusal is not None:
        with pytest.raises(RequestRejected, match=refusal):
            engine.open(recording.protocol, target, body, model="some-model")
        return

    request = engine.open(recording.protocol, target, body, model="some-model").upstream_request

    assert body_validator(f"wire/{target}/request").problem(request) is None
    assert recording.request == body, "the client's own body was changed"


def test_every_gap_is_of_a_recording_that_exists() -> None:
    assert set(GAPS) <= {recording.name for recording in ASKED}
    assert all(listed["reason"] for listed in GAPS.values())
