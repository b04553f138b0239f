"""Recordings of other tools become sessions."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from ccproxy.cli.main import main
from ccproxy.record.cassettes import CassetteError, read_cassette
from ccproxy.record.reading import find_sessions, read_session
from record.exchanges import answer, chat_answer, request

SHARED = Path(__file__).parents[3] / "shared" / "recordings"
URL = "https://api.openai.com/v1/chat/completions"
KEY = "sk-CANARY0123456789abcdefgh"


def har(body, text, content_type, encoding=None):
    content = {"mimeType": content_type, "text": text, **({"encoding": encoding} if encoding else {})}
    headers = [
        {"name": "Authorization", "value": f"Bearer {KEY}"},
        {"name": "Content-Type", "value": "application/json"},
    ]
    return {
        "log": {
            "version": "1.2",
            "entries": [
                {
                    "startedDateTime": "2026-01-02T03:04:05.000Z",
                    "request": {"method": "POST", "url": URL, "headers": headers, "postData": {"text": body}},
                    "response": {
                        "status": 200,
                        "headers": [{"name": "Content-Type", "value": content_type}],
                        "content": content,
                    },
                }
            ],
        }
    }


def vcr(body, answered):
    return {
        "version": 1,
        "interactions": [
            {
                "request": {
                    "method": "POST",
                    "uri": URL,
                    "body": body,
                    "headers": {"authorization": [f"Bearer {KEY}"]},
                },
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {"Content-Type": ["application/json"]},
                    "body": answered,
                },
            }
        ],
    }


def to_yaml(value):
    from io import StringIO

    from ruamel.yaml import YAML

    out = StringIO()
    YAML(typ="safe").dump(value, out)
    return out.getvalue()


BODY = request("openai-chat", "gpt-4o", False)[1].decode()
WHOLE = json.dumps(chat_answer())
STREAM = b"".join(answer("openai-chat", True).pieces).decode()
FILES = {
    "har": ("a.har", json.dumps(har(BODY, WHOLE, "application/json"))),
    "har_stream": (
        "b.har",
        json.dumps(har(request("openai-chat", "gpt-4o", True)[1].decode(), STREAM, "text/event-stream")),
    ),
    "har_base64": (
        "c.har",
        json.dumps(har(BODY, base64.b64encode(WHOLE.encode()).decode(), "application/json", "base64")),
    ),
    "vcr_json": ("d.json", json.dumps(vcr(BODY, {"string": WHOLE}))),
    "vcr_yaml": ("e.yaml", to_yaml(vcr(BODY, {"string": WHOLE.encode()}))),
    "vcr_text": ("f.yaml", to_yaml(vcr(BODY, WHOLE))),
    "vcr_base64": ("g.yml", to_yaml(vcr(BODY, {"base64_string": base64.b64encode(WHOLE.encode()).decode()}))),
}


@pytest.mark.parametrize("name", FILES)
def test_it_reads(name, tmp_path, capsys):
    file = tmp_path / FILES[name][0]
    file.write_text(FILES[name][1])

    assert 0 == main(["import", str(file), "-o", str(tmp_path / "out")])

    (folder,) = find_sessions([tmp_path / "out"])
    session = read_session(folder)
    assert ("openai-chat", "chat", "direct", "openai-chat") == (
        session.asked.protocol,
        session.operation,
        session.way,
        session.tries[0].provider,
    )
    assert "gpt-4o" == session.asked_model
    assert b"CANARY" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert 0 == main(["validate", str(folder)]), capsys.readouterr().out
    assert 0 == main(["replay", str(folder)])


@pytest.mark.parametrize("client", ["claude", "gemini", "openai-responses", "ollama"])
@pytest.mark.parametrize("name", ["har", "har_stream"])
def test_it_makes_sessions_of_other_clients(name, client, tmp_path, capsys):
    file = tmp_path / FILES[name][0]
    file.write_text(FILES[name][1])

    assert 0 == main(["import", str(file), "-o", str(tmp_path / "out"), "--client", client])

    session = read_session(next(find_sessions([tmp_path / "out"])))
    assert (client, "converted", name == "har_stream") == (session.asked.protocol, session.way, session.stream)
    assert session.answered.body.data
    assert 0 == main(["replay", str(tmp_path / "out")]), capsys.readouterr().out


def test_exchanges_with_strangers_are_left_out(tmp_path, capsys):
    file = tmp_path / "a.json"
    file.write_text(json.dumps(vcr(BODY, WHOLE)).replace(URL, "https://example.com/login"))

    assert 1 == main(["import", str(file), "-o", str(tmp_path / "out")])
    assert "no protocol has an operation at /login" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["[]", "{}", "a: [", '{"log": {"entries": [{}]}}', '{"interactions": [{"request": {}}]}']
)
def test_other_files_are_told_apart(text, tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(text)

    with pytest.raises(CassetteError, match=r"x\.yaml"):
        read_cassette(file)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no recordings beside the project")
@pytest.mark.parametrize("protocol", ["claude", "gemini", "ollama", "openai-chat", "openai-responses"])
def test_real_recordings_become_sessions_that_play_again(protocol, tmp_path, capsys):
    client = "claude" if protocol != "claude" else "openai-chat"
    entries = [har_of(json.loads(path.read_bytes())) for path in sorted((SHARED / protocol).glob("*/*.json"))[::9]]
    file = tmp_path / "real.har"
    file.write_text(json.dumps({"log": {"entries": [entry for entry in entries if entry]}}))

    main(["import", str(file), "-o", str(tmp_path / "out"), "--client", client])

    made = list(find_sessions([tmp_path / "out"]))
    assert len(made) >= 2
    assert 0 == main(["replay", str(tmp_path / "out")]), capsys.readouterr().out


def har_of(said):
    sent, got = said["request"], said["response"]
    if not isinstance(sent.get("body"), dict):
        return None
    text = got["raw"] if isinstance(got.get("raw"), str) else json.dumps(got.get("body"))
    return {
        "request": {
            "method": sent.get("method") or "POST",
            "url": f"https://{sent.get('host') or 'example.com'}{sent['path']}",
            "headers": [{"name": name, "value": str(value)} for name, value in (sent.get("headers") or {}).items()],
            "postData": {"text": json.dumps(sent["body"])},
        },
        "response": {
            "status": got["status"],
            "headers": [{"name": name, "value": str(value)} for name, value in (got.get("headers") or {}).items()],
            "content": {"text": text},
        },
    }
