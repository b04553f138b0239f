"""`ccproxy doctor`: what it finds, what it advises, and that it never tells a key."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from ccproxy.cli.asking import Answer
from ccproxy.cli.findings import State
from ccproxy.cli.local_checks import port_finding, state_finding
from ccproxy.cli.provider_checks import clock_finding
from ccproxy.config.model import ServerSettings

Command = Callable[..., tuple[int, str, str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def doctor(folder: Path, command: Command, upstream: Any) -> Callable[..., Any]:
    """Examine a provider with these keys, whose model an alias names."""

    def examine(*keys: str, model: str = "tiny-1", url: str = "", code: int = 0) -> list[dict[str, str]]:
        near = {"protocol": "openai-chat", "base_url": url or upstream.url, "keys": keys}
        (folder / "ccproxy.yaml").write_text(
            f"server: {{ port: {free_port()} }}\n"
            f"providers: {{ near: {json.dumps(near)} }}\n"
            f"groups: {{ default: {{ aliases: {{ '*': near/{model} }} }} }}\n"
        )
        found, out, err = command("doctor", "--format", "json", "--timeout", "700ms")
        assert code == found, out + err
        assert [] == [key for key in keys if key in out + err]
        return list(json.loads(out))

    return examine


def of(findings: list[dict[str, str]], about: str) -> list[tuple[str, str, str]]:
    return [(each["state"], each["detail"], each.get("advice", "")) for each in findings if each["about"] == about]


def test_a_good_provider_is_asked_once_with_each_key(doctor: Callable[..., Any], upstream: Any) -> None:
    findings = doctor("good-key-1", "good-key-2")

    assert ["good", "good"] == [state for state, _, _ in of(findings, "near")]
    assert of(findings, "near")[1][1].startswith("openai-chat, tiny-1 with key 2 of 2: 200 in 0.")
    assert ["good-key-1", "good-key-2"] == [key for _, key, _ in upstream.asked]
    assert ("tiny-1", 16) == tuple(upstream.asked[0][2][name] for name in ("model", "max_tokens"))
    assert [("good", "as the providers' clocks", "")] == of(findings, "clock")


@pytest.mark.parametrize(
    ("key", "state", "said", "advice"),
    [
        ("bad-key-123", "broken", "401 in", "check the key, and that its account may use this model"),
        ("limited-key", "doubtful", "429 in", "the key works, but not now; more keys are used in turn"),
        ("slow-key-12", "broken", "no answer: The provider `near` could not be reached in time.", "is it running?"),
    ],
)
def test_a_refused_key_gets_advice(doctor: Callable[..., Any], key: str, state: str, said: str, advice: str) -> None:
    ((found, detail, told),) = of(doctor(key, code=int(state == "broken")), "near")

    assert state == found
    assert said in detail
    assert advice in told


def test_one_key_does_not_stand_for_another(doctor: Callable[..., Any]) -> None:
    states = [state for state, _, _ in of(doctor("bad-key-123", "good-key-2", code=1), "near")]

    assert ["broken", "good"] == states


def test_a_misspelt_model_is_guessed_from_the_providers_own_list(doctor: Callable[..., Any]) -> None:
    ((state, detail, advice),) = of(doctor("good-key-1", model="tiny-2", code=1), "near")

    assert "broken" == state
    assert "The model does not exist" in detail
    assert "it has no model `tiny-2`; did you mean `tiny-1`?" == advice


def test_a_wrong_path_is_told(doctor: Callable[..., Any], upstream: Any) -> None:
    ((_, detail, advice),) = of(doctor("good-key-1", url=upstream.url.removesuffix("/v1"), code=1), "near")

    assert "404" in detail
    assert "check the model's name, and the path of `base_url`" == advice


def test_a_server_that_is_not_there(doctor: Callable[..., Any]) -> None:
    ((_, detail, advice),) = of(doctor(url=f"http://127.0.0.1:{free_port()}/v1", code=1), "near")

    assert "cannot be reached: connection refused" in detail
    assert advice.startswith("is it running?")


def test_offline_asks_nobody(folder: Path, command: Command, upstream: Any) -> None:
    (folder / "ccproxy.yaml").write_text(
        f"server: {{ port: {free_port()} }}\n"
        f"providers: {{ near: {{ protocol: openai-chat, base_url: '{upstream.url}' }} }}\n"
        "groups: { default: { aliases: { '*': near/tiny-1 } } }\nstate: sqlite:///kept.db\n"
    )
    code, out, _ = command("doctor", "--offline")

    assert 0 == code
    assert [] == upstream.asked
    assert ["versions", "mappings", "configuration", "port", "state"] == [line.split()[1] for line in out.splitlines()]


def test_a_bad_configuration_is_shown_and_fails(folder: Path, command: Command) -> None:
    (folder / "ccproxy.yaml").write_text("groups: { default: { aliases: { '*': nobody/m } } }\n")

    code, out, err = command("doctor", "--offline")

    assert 1 == code
    assert "FAIL  configuration   ccproxy.yaml: 1 error: unknown provider `nobody`" in out
    assert err.startswith("error[C601]")


def test_without_anything_it_names_the_next_command(command: Command) -> None:
    code, out, _ = command("doctor", "--offline")

    assert 0 == code or "port" in out
    assert "`ccproxy init` writes one" in out


def test_wrong_times_are_wrong_usage(command: Command) -> None:
    assert 2 == command("doctor", "--timeout", "soon")[0]


def test_a_taken_port_is_broken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        assert State.BROKEN is port_finding(ServerSettings(port=taken.getsockname()[1])).state


@pytest.mark.parametrize(("behind_s", "state"), [(0, State.GOOD), (59, State.GOOD), (3600, State.DOUBTFUL)])
def test_the_clock_is_compared(behind_s: float, state: State) -> None:
    now = time.time()
    found = clock_finding([Answer(200, 0.1, {"date": formatdate(now + behind_s, usegmt=True)})], now)

    assert found is not None
    assert state is found.state


def test_no_date_is_no_finding() -> None:
    assert None is clock_finding([Answer(200, 0.1, {"date": "yesterday"}), Answer(0, 0.1, {})])


def test_state_must_be_writable(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_text("this is no database, but long enough to be looked at" * 20)

    assert State.BROKEN is state_finding("sqlite:///no.db", tmp_path).state
    assert State.GOOD is state_finding("sqlite:///new/deep.db", tmp_path).state
    assert [tmp_path / "no.db"] == list(tmp_path.iterdir())
