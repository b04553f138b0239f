"""What a running proxy writes down: everything that was said, nothing secret, within bounds."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from ccproxy.cli.main import main
from ccproxy.config.model import AccessKey, LogSettings
from ccproxy.config.recording import RecordingSettings, RedactionSettings
from ccproxy.policy.parameters import build_parameter
from ccproxy.policy.policy import Policy
from ccproxy.policy.sampling import Sampling
from ccproxy.record.reading import find_sessions
from ccproxy.record.replaying import open_stage, replay
from ccproxy.record.rules import load_normalisation
from record.exchanges import answer, chat_answer, request
from record.proxied import MAPPINGS, PROVIDER_KEY, Reply, chatting_protocols, proxied

PROTOCOLS = chatting_protocols()
STAGE, NORMALISATION = open_stage(MAPPINGS), load_normalisation(MAPPINGS)


def log(**redact):
    return LogSettings(recording=RecordingSettings(redact=RedactionSettings(**redact)))


async def record_all(house, clients, upstreams):
    """Ask every provider as every client, with and without a stream."""
    for client in clients:
        for upstream in upstreams:
            for stream in (True, False):
                house.answers[:] = [answer(upstream, stream)]
                path, body = request(client, upstream, stream)
                status, said = await house.ask(path, body)
                assert 200 == status, said


@pytest.mark.parametrize("prose", [False, True], ids=["prose_kept", "prose_filled"])
async def test_every_pair_of_protocols_is_written_and_plays_again_as_recorded(tmp_path, prose):
    async with proxied(tmp_path / "log", log(prose=prose)) as house:
        await record_all(house, PROTOCOLS, PROTOCOLS)
        sessions = house.sessions()

    found = {}
    for session in sessions:
        verdict = replay(session, STAGE, NORMALISATION)
        name = f"{session.asked.protocol} to {session.tries[0].protocol}, stream {session.stream}"
        if verdict.skipped or verdict.differences:
            found[name] = verdict

    assert {} == found
    assert len(PROTOCOLS) ** 2 * 2 == len(sessions)


async def test_a_session_holds_the_exact_bytes_and_cuts_of_an_answer(tmp_path):
    async with proxied(tmp_path / "log", log(emails=False)) as house:
        reply = answer("claude", True)
        house.answers[:] = [reply]
        path, body = request("openai-chat", "claude", True)
        status, said = await house.ask(path, body)
        (session,) = house.sessions()

    upstream, client = session.tries[0].answer.body, session.answered.body
    assert b"".join(reply.pieces) == upstream.data
    assert len(upstream.data) == sum(piece.size for piece in upstream.pieces)
    assert (status, said) == (session.answered.status, client.data)
    assert len(client.chunks()) == len(client.pieces) > 0
    assert ("converted", "claude", "claude-model") == (session.way, session.tries[0].provider, session.tries[0].model)


async def test_no_planted_secret_reaches_the_disk(tmp_path):
    """Headers, URLs, both requests and answers, errors; keys of the client, of the proxy and of providers."""
    client_key, other_key = "client-CANARY-1", "proxykeyCANARYwithoutPattern"
    keys = [AccessKey(f"key {key[:1]}", sha256(key.encode()).digest()) for key in (client_key, other_key)]
    planted = f"keys: {PROVIDER_KEY}, {client_key}, {other_key}; mail canary.person@example.com"
    leaking = json.dumps({"error": {"message": f"bad key {PROVIDER_KEY} {planted}"}}).encode()
    async with proxied(tmp_path / "log", log(), keys) as house:
        for protocol in PROTOCOLS:
            path, body = request(protocol, "openai-chat", False)
            said = json.loads(body)
            said["canary.person@example.com"] = "a field that nobody knows, which the loss report names"
            said["metadata"] = {"user_id": "canary_user_id", "note": planted}
            headers = {
                "authorization": f"Bearer {client_key}",
                "user_agent": f"tool {planted}",
                "x_custom": planted,
                "cookie": "s=canarycookie",
            }
            for reply in (
                Reply([json.dumps(chat_answer()).encode()], headers={"set-cookie": "id=canarycookie"}),
                Reply([leaking], status=401, headers={"x-debug": planted, "request-id": f"r {planted}"}),
            ):
                house.answers[:] = [reply]
                await house.ask(f"{path}?key={client_key}&canary=1", json.dumps(said).encode(), **headers)
        await record_all_streams(house, client_key)
        disk = house.disk().lower()

    assert 3 * len(PROTOCOLS) == len(list(find_sessions([tmp_path])))
    for secret in ("canary-", "proxykeycanary", "provider-canary", "sk-canary", "canarycookie", "canary_user_id"):
        assert secret.encode() not in disk, secret
    assert b"canary.person" not in disk
    assert b"/home/canary" not in disk


async def record_all_streams(house, key):
    for protocol in PROTOCOLS:
        house.answers[:] = [answer("openai-chat", True, size=11)]
        path, body = request(protocol, "openai-chat", True)
        await house.ask(path, body, authorization=f"Bearer {key}")


async def test_operations_besides_chat_are_written_and_play_again(tmp_path):
    vector = {"embeddings": [{"values": [0.5, 0.25]}]}
    async with proxied(tmp_path / "log", log()) as house:
        house.answers[:] = [Reply([json.dumps(vector).encode()])]
        body = {"model": "gemini", "input": ["canary.person@example.com"]}
        status, said = await house.ask("/v1/embeddings", json.dumps(body).encode())
        (session,) = house.sessions()

    assert (200, "embeddings") == (status, session.operation), said
    verdict = replay(session, STAGE, NORMALISATION)
    assert ((), "") == (verdict.differences, verdict.skipped)
    assert verdict.run.answer is not None


@pytest.mark.parametrize("client", ["claude", "openai-chat"])
async def test_what_policies_change_is_written_apart_so_that_it_plays_again(tmp_path, client):
    policy = Policy(
        sampling=Sampling(ratio=0.5),
        changes=(build_parameter(("enable_thinking",), False),),
    )
    async with proxied(tmp_path / "log", log(), policy=policy) as house:
        house.answers[:] = [answer("openai-chat", False)]
        path, body = request(client, "openai-chat", False)
        await house.ask(path, json.dumps({**json.loads(body), "temperature": 1.0}).encode())
        (session,) = house.sessions()

    (one,) = session.tries
    assert (0.5, False) == tuple(json.loads(one.request.data)[name] for name in ("temperature", "enable_thinking"))
    assert {"at": ["enable_thinking"], "set": False} in list(one.request_edits)
    assert () == replay(session, STAGE, NORMALISATION).differences


async def test_a_request_beyond_the_limit_is_cut_and_says_so(tmp_path):
    settings = LogSettings(recording=RecordingSettings(max_session_bytes=3000))
    async with proxied(tmp_path / "log", settings) as house:
        house.answers[:] = [answer("openai-chat", True)]
        await house.ask(*request("claude", "openai-chat", True))
        (session,) = house.sessions()

    assert not session.complete
    assert size_of(tmp_path) < 10_000


async def test_the_oldest_sessions_go_when_the_folder_is_full(tmp_path):
    settings = LogSettings(recording=RecordingSettings(max_total_bytes=60_000))
    async with proxied(tmp_path / "log", settings) as house:
        for _ in range(20):
            house.answers[:] = [answer("openai-chat", True)]
            await house.ask(*request("claude", "openai-chat", True))
        names = {session.id for session in house.sessions()}
        house.answers[:] = [answer("openai-chat", True)]

    assert 2 <= len(names) < 20
    assert size_of(tmp_path) <= 60_000


async def test_written_sessions_are_valid_and_private(tmp_path, capsys):
    async with proxied(tmp_path / "log", log()) as house:
        await record_all(house, ["claude"], ["gemini", "claude"])
        house.sessions()
    folders = list(find_sessions([tmp_path]))

    assert 0 == main(["validate", str(tmp_path)]), capsys.readouterr().out
    assert {0o700} == {folder.stat().st_mode & 0o777 for folder in [*folders, tmp_path / "log"]}


async def test_nothing_is_written_without_rules(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("ccproxy.record.rules.FOLDER", "nowhere")
    async with proxied(tmp_path / "log", log()) as house:
        house.answers[:] = [answer("openai-chat", False)]
        status, _ = await house.ask(*request("openai-chat", "openai-chat", False))

    assert (200, []) == (status, list(tmp_path.iterdir()))
    assert "redaction.yaml" in caplog.text


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_settings_are_read_from_the_log_section():
    assert RecordingSettings().redact.emails
    assert not replace(RedactionSettings(), emails=False).emails
