"""`ccproxy trace` on the command line."""

from __future__ import annotations

import json
import re

import pytest

from ccproxy.cli.main import main
from record.exchanges import answer, request
from record.proxied import proxied

BODY = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def message(tmp_path):
    file = tmp_path / "request.json"
    file.write_text(json.dumps(BODY))
    return str(file)


def run(capsysbinary, *arguments):
    code = main(["trace", *arguments])
    told = capsysbinary.readouterr()
    return code, told.out.decode(), told.err.decode()


def test_the_terminal_shows_rules_beside_fields(capsysbinary, message, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")

    code, out, _ = run(capsysbinary, "--from", "claude", "--to", "gemini", "--model", "g", message)

    assert 0 == code
    assert re.search(r'"text": "Hi" +mappings/gemini/request\.yaml:\d+ ← …sages/0/content/0/text', out)
    assert max(map(len, out.splitlines())) <= 100
    assert "\x1b" not in out


def test_colour_is_asked_of_the_terminal(capsysbinary, message, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    coloured = run(capsysbinary, "--from", "claude", "--to", "gemini", message)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run(capsysbinary, "--from", "claude", "--to", "gemini", message)[1]

    assert "\x1b[" in coloured
    assert "\x1b[" not in plain
    assert plain == re.sub(r"\x1b\[[0-9;]*m", "", coloured)


def test_json_tells_of_each_field(capsysbinary, message):
    _, out, _ = run(capsysbinary, "--from", "claude", "--to", "ollama", "--format", "json", message)

    last = json.loads(out)["stages"][-1]
    told = last["fields"]["/messages/0/content"]
    assert "upstream_request" == last["name"]
    assert "mappings/ollama/request.yaml" == told["place"]["file"]
    assert [{"stage": last["origin"], "pointer": "/messages/0/content/0/text"}] == told["sources"]


def test_a_page_is_written_where_it_is_wanted(capsysbinary, message, tmp_path):
    page = tmp_path / "page.html"

    code, out, _ = run(capsysbinary, "--from", "claude", "--to", "ollama", "--format", "html", "-o", str(page), message)

    assert (0, "") == (code, out)
    assert page.read_text().startswith("<!doctype html>")


def test_quirks_are_stages(capsysbinary, message):
    quirk = "openai_completion_tokens"

    code, out, err = run(
        capsysbinary, "--from", "claude", "--to", "openai-chat", "--quirk", quirk, "--format", "json", message
    )

    assert 0 == code, err
    assert f"upstream request after the quirk {quirk}" in [stage["title"] for stage in json.loads(out)["stages"]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "gemini"], "say --from"),
        (["--from", "claude", "--to", "nobody"], "unknown protocol `nobody`"),
        (["--from", "claude", "--to", "gemini", "--quirk", "nothing"], "unknown quirk `nothing`"),
    ],
)
def test_wrong_usage_says_what_is_wrong(capsysbinary, message, arguments, words):
    code, _, err = run(capsysbinary, *arguments, message)

    assert 2 == code
    assert words in err


def test_what_is_no_json_is_refused(capsysbinary, tmp_path):
    file = tmp_path / "request.json"
    file.write_text("{")

    code, _, err = run(capsysbinary, "--from", "claude", "--to", "gemini", str(file))

    assert 2 == code
    assert "not JSON" in err


def test_a_request_that_is_refused_ends_with_1(capsysbinary, tmp_path):
    file = tmp_path / "request.json"
    file.write_text('{"model": "m"}')

    code, out, _ = run(capsysbinary, "--from", "claude", "--to", "gemini", str(file))

    assert 1 == code
    assert "ended: " in out


async def test_recorded_sessions_are_traced(capsysbinary, tmp_path):
    async with proxied(tmp_path / "log") as house:
        for stream in (False, True):
            house.answers[:] = [answer("gemini", stream)]
            await house.ask(*request("claude", "gemini", stream))
        sessions = house.sessions()
        folders = sorted({path.parent for path in (tmp_path / "log").rglob("session.yaml")})

    for session, folder in zip(sessions, folders, strict=True):
        code, out, err = run(capsysbinary, str(folder), "--format", "json")
        trace = json.loads(out)
        assert (0, "") == (code, err)
        assert f"session {session.id}" == trace["title"]
        assert "client_request" == trace["stages"][0]["name"]
        assert trace["stages"][-1]["name"] in ("client_answer", "client_events")
