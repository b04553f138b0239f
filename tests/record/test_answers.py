"""A proxy whose providers are recorded sessions."""

from __future__ import annotations

import json
from dataclasses import replace

import aiohttp
import pytest

from ccproxy.config.model import ServerSettings
from ccproxy.record.matching import Answers
from ccproxy.record.reading import find_sessions, read_session
from ccproxy.server.embedded import find_embedded
from ccproxy.server.replay import recorded_config, start_recorded
from ccproxy.server.running import start, stop
from record.exchanges import request
from record.proxied import MAPPINGS, shared_engine


def read_all(folder):
    return [read_session(each) for each in find_sessions([folder])]


async def test_the_same_request_gets_the_answer_that_was_recorded(sessions):
    recorded = read_all(sessions)
    port = await start_recorded(Answers(recorded, MAPPINGS))
    config = replace(recorded_config(recorded, port), server=ServerSettings(port=0))
    proxy = await start(config, shared_engine())
    got = {}
    async with aiohttp.ClientSession() as client:
        for session in recorded:
            path, body = request(session.asked.protocol, session.asked_model, session.stream)
            async with client.post(f"http://127.0.0.1:{proxy.port}{path}", data=body) as answer:
                got[session.id] = (answer.status, said(await answer.read()))
    await stop(proxy, 0.1)

    assert {each.id: (200, said(each.answered.body.data)) for each in recorded} == got


def said(data):
    """An answer without what is made up anew each time."""
    return [
        word for word in data.decode().split('"') if "_" not in word and "chatcmpl" not in word and "17" not in word
    ]


def test_equal_requests_get_their_answers_in_turn(sessions):
    (first, *_) = read_all(sessions)
    other = replace(first.tries[0].answer, status=503)
    second = replace(first, tries=(replace(first.tries[0], answer=other),))
    answers = Answers([first, second], MAPPINGS)
    one = first.tries[0]

    found = [answers.find(one.provider, "/x/messages", one.request.data).status for _ in range(3)]

    assert [200, 503, 200] == found


def test_another_request_gets_the_answer_to_the_most_alike(sessions):
    (first, *_) = read_all(sessions)
    one = first.tries[0]
    body = json.loads(one.request.data)
    far = {**body, "messages": [{"role": "user", "content": "something else"}]}
    strange = replace(
        one, request=replace(one.request, data=json.dumps(far).encode()), answer=replace(one.answer, status=418)
    )
    answers = Answers([replace(first, tries=(strange,)), first], MAPPINGS)

    near = {**body, "temperature": 0.3}

    assert 200 == answers.find(one.provider, "/messages", json.dumps(near).encode()).status
    assert 418 == answers.find(one.provider, "/messages", json.dumps({**far, "top_p": 1}).encode()).status
    assert answers.find("nobody", "/messages", b"{}") is None


def test_a_folder_without_sessions_is_refused(tmp_path):
    from ccproxy.config.presets import build_presets

    presets = build_presets(shared_engine().providers)

    with pytest.raises(LookupError, match=r"no session\.yaml"):
        find_embedded(presets, None, tmp_path)
