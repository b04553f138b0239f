"""Nothing secret is left in anything that is redacted, and everything else stays as it was, byte for byte."""

from __future__ import annotations

import base64
import json
import random
from hashlib import sha256
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy.config.recording import RedactionSettings
from ccproxy.datadirs import find_data_dirs
from ccproxy.record.redaction import Redactor
from ccproxy.record.rules import RulesError, load_rules

RULES = load_rules(find_data_dirs("mappings"), RedactionSettings())
PROSE = load_rules(find_data_dirs("mappings"), RedactionSettings(prose=True))
CONFIGURED = "my configured/key=with+signs"
PROXY_KEY = "proxykeyWithoutAnyPattern"
EMAIL = "canary.person@example.com"
KEYS = [
    "sk-ant-api03-CANARYabcdefghijklmnop123",
    "sk-proj-CANARY_0123456789abcdefghij",
    "AIzaSyCANARY0123456789abcdefghijklmnop",
    "ghp_CANARY0123456789abcdefghijklmnopqr",
    "gsk_CANARY0123456789abcdefghij",
    "AKIACANARY0123456789",
    "eyJCANARYGciOi.eyJzdWIiOiJDQU5BUlkifQ.c2lnbmF0dXJlCANARY",
    CONFIGURED,
    PROXY_KEY,
]
SECRETS = [*KEYS, EMAIL]

every_secret = pytest.mark.parametrize("secret", SECRETS)


def redactor(rules=RULES):
    return Redactor(rules, [CONFIGURED], frozenset({sha256(PROXY_KEY.encode()).digest()}))


def streamed(pieces):
    """Deltas of an answer as events, each with one piece of the text."""
    events = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    return b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events) + b"data: [DONE]\n\n"


def said(stream):
    lines = [line[6:] for line in stream.decode().split("\n") if line.startswith("data: {")]
    return "".join(json.loads(line)["choices"][0]["delta"]["content"] for line in lines)


@every_secret
def test_it_masks_a_secret_in_a_body_with_one_as_long(secret):
    body = json.dumps({"messages": [{"role": "user", "content": f"use {secret} now"}]}).encode()

    masked = json.loads(redactor().body(body).data)["messages"][0]["content"]

    assert secret not in masked
    assert (masked[:4], masked[-4:], len(masked)) == ("use ", " now", len(f"use {secret} now"))


@every_secret
def test_it_masks_a_secret_in_a_document_within_a_text(secret):
    arguments = json.dumps({"line": f"\n{secret}\n", "deep": json.dumps([secret])})
    body = json.dumps({"tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}).encode()

    redacted = redactor().body(body).data

    assert secret not in json.dumps(json.loads(json.loads(redacted)["tool_calls"][0]["function"]["arguments"]))
    assert b"CANARY" not in redacted


@every_secret
def test_it_masks_a_secret_in_names_of_fields(secret):
    assert secret.encode() not in redactor().body(json.dumps({secret: 1, "a": {secret: "x"}}).encode()).data


@every_secret
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_it_masks_a_secret_that_is_split_over_events(secret, size):
    text = f"before {secret} after"
    stream = streamed([text[at : at + size] for at in range(0, len(text), size)])

    redacted = redactor().body(stream).data

    assert secret not in said(redacted)
    assert (len(redacted), len(said(redacted))) == (len(stream), len(text))


def test_it_masks_a_secret_that_is_split_over_events_of_two_channels():
    def event(index, text):
        return b'data: {"index":%d,"delta":{"text":%b}}\n\n' % (index, json.dumps(text).encode())

    first, second = KEYS[0], KEYS[1]
    stream = b"".join(
        event(0, first[at : at + 4]) + event(1, second[at : at + 4])
        for at in range(0, max(map(len, (first, second))), 4)
    )

    redacted = redactor().body(stream).data

    texts = {0: "", 1: ""}
    for line in redacted.split(b"\n\n")[:-1]:
        parsed = json.loads(line[6:])
        texts[parsed["index"]] += parsed["delta"]["text"]
    assert "CANARY" not in texts[0] + texts[1]


def test_it_masks_a_secret_that_is_split_over_the_tokens_of_a_list():
    tokens = [KEYS[0][at : at + 3] for at in range(0, len(KEYS[0]), 3)]
    body = {"logprobs": {"content": [{"token": token, "bytes": list(token.encode())} for token in tokens]}}

    redacted = json.loads(redactor().body(json.dumps(body).encode()).data)["logprobs"]["content"]

    assert KEYS[0] not in "".join(each["token"] for each in redacted)
    assert {None} == {each["bytes"] for each in redacted}


@pytest.mark.parametrize("encode", [json.dumps, quote, lambda key: base64.b64encode(key.encode()).decode()])
def test_it_knows_a_configured_key_in_other_spellings(encode):
    spelled = encode(CONFIGURED).strip('"')

    assert spelled not in redactor().text(f"see {spelled} there")


def test_it_knows_a_key_written_with_escapes():
    body = b'{"content": "s\\u006b-ant-api03-CANARYabcdefghijklmnop123 and c\\u0061nary.person@example.com"}'

    assert "CANARY" not in json.loads(redactor().body(body).data)["content"]
    assert "@" not in json.loads(redactor().body(body).data)["content"]


def test_it_writes_only_headers_that_are_allowed():
    sent = {
        "Authorization": "Bearer canary-credential-1",
        "Cookie": "session=canary-cookie-2",
        "X-Strange": "canary",
        "User-Agent": "tool/1 canary-credential-1",
        "anthropic-version": "2023-06-01",
    }
    one = redactor()
    one.learn(sent)

    assert {"user-agent", "anthropic-version"} == one.headers(sent).keys()
    assert "canary" not in str(one.headers(sent))


def test_it_takes_out_what_a_client_presented_wherever_it_turns_up():
    one = redactor()
    one.learn({"x-api-key": "short.but.known"}, "/v1/models?key=canary-in-query&alt=sse")

    assert "/v1/models?key=key1xxxxxxxxxxx&alt=sse" == one.url("/v1/models?key=canary-in-query&alt=sse")
    assert "canary-in-query" not in one.text("again canary-in-query")
    assert b"short.but.known" not in one.body(b'{"note": "short.but.known"}').data


@pytest.mark.parametrize("url", ["https://me:canarypass@host/v1", "/v1?api_key=canarypass", "/v1?token=canarypass"])
def test_it_masks_credentials_in_urls(url):
    assert "canarypass" not in redactor().url(url)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("metadata.user_id", {"metadata": {"user_id": "canary_user"}}),
        ("user", {"user": "canary_user"}),
        ("api_key", {"tool": {"api_key": "canary_user"}}),
    ],
)
def test_it_masks_fields_by_name(field, body):
    assert b"canary_user" not in redactor().body(json.dumps(body).encode()).data


def test_it_masks_the_person_in_a_path_and_keeps_the_rest():
    text = "/home/canary/src/a.py, /Users/canary/b and C:\\Users\\canary\\c"

    assert "/home/home1x/src/a.py, /Users/home1x/b and C:\\Users\\home1x\\c" == redactor().text(text)


def test_it_gives_the_same_value_the_same_mask_and_others_another():
    one = redactor()

    masked = one.text("a@example.com b@example.com a@example.com").split(" ")

    assert masked[0] == masked[2] != masked[1]
    assert {"emails": 2} == one.masks.counts


def test_it_leaves_out_what_the_user_does_not_want():
    quiet = load_rules(find_data_dirs("mappings"), RedactionSettings(emails=False, words=("Projekt X",)))

    assert f"{EMAIL} word1xxxx" == Redactor(quiet).text(f"{EMAIL} projekt x")


def test_a_body_that_is_cut_off_loses_its_end_where_half_a_secret_could_stand():
    body = json.dumps({"content": "x" * 600 + f" {CONFIGURED}"}).encode()

    assert b"my conf" not in redactor().body(body[:-12], whole=False).data


def test_it_changes_no_byte_without_need():
    body = b'{ "a" : 1.0e5,\t"b":"\\u00e9 \\/ \xc3\xa9", "n": 12345678901234567890 , "x":[true,null] }\r\n'

    assert (body, [3, 17]) == redactor().body(body, [3, 17])


def test_prose_becomes_letters_of_the_same_shape():
    body = {
        "model": "some-model",
        "messages": [{"role": "user", "content": "Ask Ömer about 42 things, <b>now</b>!"}],
        "tools": [
            {"name": "find_it", "input_schema": {"type": "object", "properties": {"arguments": {"type": "string"}}}}
        ],
    }

    redacted = json.loads(redactor(PROSE).body(json.dumps(body).encode()).data)

    assert "Xxx éxxx xxxxx 00 xxxxxx, <b>xxx</b>!" == redacted["messages"][0]["content"]
    assert (body["model"], body["tools"]) == (redacted["model"], redacted["tools"])


def test_prose_in_arguments_keeps_their_names():
    arguments = json.dumps({"city": "Paris", "days": 3})
    stream = [
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": part}}]}}]}
        for part in (arguments[:5], arguments[5:12], arguments[12:])
    ]
    raw = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in stream)

    redacted = redactor(PROSE).body(raw).data

    parts = [
        json.loads(line[6:])["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"]
        for line in redacted.split(b"\n\n")[:-1]
    ]
    assert '{"city": "Xxxxx", "days": 3}' == "".join(parts)


def test_without_rules_nothing_can_be_redacted(tmp_path):
    with pytest.raises(RulesError, match=r"redaction\.yaml"):
        load_rules([tmp_path], RedactionSettings())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(SECRETS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.booleans(), st.sampled_from([RULES, PROSE]))
def test_any_document_stays_one_and_loses_its_secrets(value, ascii_only, rules):
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")

    redacted = redactor(rules).body(body).data

    again = json.dumps(json.loads(redacted), ensure_ascii=False)
    assert not [secret for secret in SECRETS if json.dumps(secret)[1:-1] in again]


@given(st.binary(max_size=300), st.integers(0, 2**32))
def test_any_bytes_are_taken(noise, seed):
    shuffled = random.Random(seed)
    cuts = sorted(shuffled.randrange(len(noise) + 1) for _ in range(3))

    data, moved = redactor(PROSE).body(noise, cuts)

    assert moved == sorted(moved)
    assert all(0 <= cut <= len(data) for cut in moved)
