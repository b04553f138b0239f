"""`x-ccproxy-trace: 1` on a running proxy: who gets a trace, what it says, and that it costs nobody else anything."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from ccproxy.config.model import AccessKey
from ccproxy.policy.parameters import build_parameter
from ccproxy.policy.policy import Policy
from ccproxy.policy.sampling import Sampling
from record.exchanges import answer, request
from record.proxied import PROVIDER_KEY, Reply, proxied

BOSS, GUEST = "boss-CANARY-key-000", "guest-CANARY-key-000"
KEYS = (
    AccessKey("boss", sha256(BOSS.encode()).digest(), admin=True),
    AccessKey("guest", sha256(GUEST.encode()).digest()),
)


async def ask(house, client, upstream, *, stream=False, **headers):
    """One request; returns the headers of its answer."""
    house.answers[:] = [answer(upstream, stream)]
    path, body = request(client, upstream, stream)
    return await send(house, path, body, **headers)


async def send(house, path, body, **headers):
    sent = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    url = f"http://127.0.0.1:{house.proxy.port}{path}"
    async with house.client.post(url, data=body, headers=sent) as reply:
        await reply.read()
        return reply.headers


async def look(house, trace_id, accept="application/json", **headers):
    """Status, headers and text of a trace."""
    sent = {"accept": accept, **headers}
    async with house.client.get(f"http://127.0.0.1:{house.proxy.port}/admin/trace/{trace_id}", headers=sent) as reply:
        return reply.status, reply.headers, await reply.text()


async def test_without_keys_this_machine_may_trace(tmp_path):
    async with proxied(tmp_path) as house:
        headers = await ask(house, "claude", "gemini", x_ccproxy_trace="1")
        status, _, text = await look(house, headers["x-ccproxy-trace"])

    trace = json.loads(text)
    names = [stage["name"] for stage in trace["stages"]]
    assert 200 == status
    assert ["client_request", "upstream_request", "upstream_answer", "client_answer"] == [
        name for name in dict.fromkeys(names) if not name.startswith("unified")
    ]
    assert "gemini (gemini)" == trace["facts"]["provider"]


async def test_streams_are_traced_event_by_event(tmp_path):
    async with proxied(tmp_path) as house:
        headers = await ask(house, "openai-chat", "claude", stream=True, x_ccproxy_trace="1")
        _, _, text = await look(house, headers["x-ccproxy-trace"])

    stages = json.loads(text)["stages"]
    steps = [stage["step"] for stage in stages if stage["name"] == "upstream_event"]
    assert [*range(1, len(steps) + 1)] == steps
    assert len(steps) > 3
    assert {"fragments", "unified_event", "client_events"} <= {stage["name"] for stage in stages}


async def test_the_direct_way_is_traced_too(tmp_path):
    async with proxied(tmp_path) as house:
        headers = await ask(house, "claude", "claude", x_ccproxy_trace="1")
        _, _, text = await look(house, headers["x-ccproxy-trace"])

    stages = json.loads(text)["stages"]
    assert "direct" == headers["x-ccproxy-path"]
    assert ["client_request", "upstream_request", "upstream_answer", "client_answer"] == [
        stage["name"] for stage in stages
    ]
    assert "claude-model" == stages[1]["document"]["model"]


async def test_policies_are_stages(tmp_path):
    policy = Policy(
        sampling=Sampling(defaults={"temperature": 0.25}), changes=(build_parameter(("metadata",), {"user_id": "x"}),)
    )
    async with proxied(tmp_path, policy=policy) as house:
        headers = await ask(house, "openai-chat", "claude", x_ccproxy_trace="1")
        _, _, text = await look(house, headers["x-ccproxy-trace"])

    stages = json.loads(text)["stages"]
    titles = [stage["title"] for stage in stages]
    assert "unified request after policies" in titles
    assert "upstream request as sent" in titles
    after = stages[titles.index("unified request after policies")]
    assert {"by": "the policy of the alias", "sources": []} == after["fields"]["/temperature"]


async def test_a_browser_gets_the_page(tmp_path):
    async with proxied(tmp_path) as house:
        headers = await ask(house, "claude", "gemini", x_ccproxy_trace="1")
        status, sent, page = await look(house, headers["x-ccproxy-trace"], accept="text/html")

    assert (200, "text/html") == (status, sent["content-type"].partition(";")[0])
    assert "default-src 'none'" in sent["content-security-policy"]
    assert "client request (claude)" in page


async def test_keys_are_in_no_trace(tmp_path):
    async with proxied(tmp_path, keys=KEYS) as house:
        headers = await ask(house, "claude", "gemini", x_api_key=BOSS, x_ccproxy_trace="1")
        trace_id = headers["x-ccproxy-trace"]
        texts = [
            (await look(house, trace_id, accept=accept, authorization=f"Bearer {BOSS}"))[2]
            for accept in ("application/json", "text/html")
        ]

    for text in texts:
        assert "weather" in text
        assert [] == [word for word in (BOSS, GUEST, PROVIDER_KEY, "sk-CANARY0123456789abcdef") if word in text]


@pytest.mark.parametrize("value", ["1", "true", "yes"])
async def test_only_administrators_may_trace(tmp_path, value):
    async with proxied(tmp_path, keys=KEYS) as house:
        guest = await ask(house, "claude", "gemini", x_api_key=GUEST, x_ccproxy_trace=value)
        boss = await ask(house, "claude", "gemini", x_api_key=BOSS, x_ccproxy_trace=value)
        refused = await look(house, boss["x-ccproxy-trace"], authorization=f"Bearer {GUEST}")
        unknown = await look(house, boss["x-ccproxy-trace"])

    assert "x-ccproxy-trace" not in guest
    assert (403, 401) == (refused[0], unknown[0])


async def test_nobody_is_traced_who_does_not_ask(tmp_path):
    async with proxied(tmp_path) as house:
        plain = await ask(house, "claude", "gemini")
        declined = await ask(house, "claude", "gemini", x_ccproxy_trace="0")
        status, _, text = await look(house, "")

    assert "x-ccproxy-trace" not in plain
    assert "x-ccproxy-trace" not in declined
    assert (200, {"traces": []}) == (status, json.loads(text))


async def test_what_no_one_keeps_is_not_found(tmp_path):
    async with proxied(tmp_path) as house:
        status, _, text = await look(house, "trace_0000000000000000")

    assert 404 == status
    assert "trace_0000000000000000" in json.loads(text)["error"]["message"]


async def test_only_the_last_few_are_kept(tmp_path):
    async with proxied(tmp_path) as house:
        asked = [(await ask(house, "claude", "gemini", x_ccproxy_trace="1"))["x-ccproxy-trace"] for _ in range(34)]
        _, _, text = await look(house, "")

    assert [*reversed(asked[-32:])] == json.loads(text)["traces"]


async def test_refused_requests_are_traced(tmp_path):
    async with proxied(tmp_path) as house:
        path, _ = request("claude", "gemini", False)
        headers = await send(house, path, b'{"model": "gemini"}', x_ccproxy_trace="1")
        _, _, text = await look(house, headers["x-ccproxy-trace"])

    trace = json.loads(text)
    assert ["client_request"] == [stage["name"] for stage in trace["stages"]]
    assert trace["failure"]


async def test_failing_providers_are_traced(tmp_path):
    async with proxied(tmp_path) as house:
        house.answers[:] = [
            Reply([b'{"error": {"code": 400, "message": "No.", "status": "INVALID_ARGUMENT"}}'], status=400)
        ]
        path, body = request("claude", "gemini", False)
        headers = await send(house, path, body, x_ccproxy_trace="1")
        _, _, text = await look(house, headers["x-ccproxy-trace"])

    names = [stage["name"] for stage in json.loads(text)["stages"]]
    assert ["upstream_error", "unified_error"] == [name for name in names if "error" in name][:2]
    assert "client_error" == names[-1]


async def test_a_recording_goes_on_beside_a_trace(tmp_path):
    async with proxied(tmp_path) as house:
        await ask(house, "claude", "gemini", x_ccproxy_trace="1")
        sessions = house.sessions()

    assert 1 == len(sessions)


async def test_tools_as_text_are_a_stage(tmp_path):
    async with proxied(tmp_path) as house:
        house.answers[:] = [answer("openai-chat", False)]
        path, body = request("claude", "openai-chat", False)
        headers = await send(house, f"/compat{path}", body, x_ccproxy_trace="1")
        _, _, text = await look(house, headers["x-ccproxy-trace"])

    stages = json.loads(text)["stages"]
    sent = [stage for stage in stages if stage["name"] == "upstream_request"][-1]
    assert "compat" == json.loads(text)["facts"]["way"]
    assert "unified request with tools as text" in [stage["title"] for stage in stages]
    assert "tools" not in sent["document"]
    assert "client_answer" == stages[-1]["name"]
