"""Sessions after a change of the mappings: what differs, which line did it, and how it is accepted."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ccproxy.cli.main import main
from ccproxy.record.edits import changes, edited, edits_between
from ccproxy.record.reading import SessionError, find_sessions, read_session
from ccproxy.record.session import META
from ccproxy.record.writing import write_session
from record.proxied import MAPPINGS


@pytest.fixture
def mappings(tmp_path, monkeypatch):
    """A tree of mappings that a test may change."""
    tree = Path(shutil.copytree(MAPPINGS[0], tmp_path / "mappings"))
    monkeypatch.setenv("CCPROXY_MAPPINGS", str(tree))
    monkeypatch.setenv("CCPROXY_CACHE", "off")
    return tree


def change(tree, file, old, new):
    """Replace a line; return its place as a report shows it."""
    path = tree / file
    text = path.read_text()
    assert 1 == text.count(old), f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new))
    return f"{path}:{text[: text.index(old)].count(chr(10)) + 1}"


LIMIT = 'max_tokens: "= max_completion_tokens ?: max_tokens"'
NO_LIMIT = 'max_tokens: "= max_completion_tokens"'


def test_nothing_changed_is_nothing_to_tell(sessions, mappings, capsys):
    assert 0 == main(["replay", str(sessions)])

    assert "ccproxy replay: 4 sessions, 4 as recorded, 0 different\n" == capsys.readouterr().out


def test_a_change_is_shown_at_every_stage_with_its_line(sessions, mappings, capsys):
    place = change(mappings, "openai-chat/request.yaml", LIMIT, NO_LIMIT)

    assert 1 == main(["replay", str(sessions), "--format", "json"])

    told = {each["session"]: each for each in json.loads(capsys.readouterr().out)}
    different = [each for name, each in told.items() if each["result"] == "different"]
    assert 2 == len(different)
    first = different[0]["differences"][0]
    assert ("unified request", "/max_tokens", 100, [place]) == (
        first["stage"],
        first["path"],
        first["before"],
        first["mapping"],
    )
    assert {"unified request", "upstream request"} == {each["stage"] for each in different[0]["differences"]}


def test_a_change_of_a_stream_names_the_event_and_the_line(sessions, mappings, capsys):
    path = mappings / "claude" / "stream.yaml"
    lines = path.read_text().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if "type: text_delta" in line)
    lines[number] = lines[number].replace("text_delta", "text_piece")
    path.write_text("".join(lines))

    assert 1 == main(["replay", str(sessions)])

    out = capsys.readouterr().out
    assert "client answer" in out
    assert "/delta/type" in out
    assert '- "text_delta"' in out
    assert '+ "text_piece"' in out
    assert f"{path}:{number + 1}" in out


def test_update_accepts_what_is_different(sessions, mappings, capsys):
    change(mappings, "openai-chat/request.yaml", LIMIT, NO_LIMIT)

    assert 0 == main(["replay", str(sessions), "--update"])

    assert "2 sessions updated" in capsys.readouterr().err
    assert 0 == main(["replay", str(sessions)])


def test_against_a_revision_shows_what_the_mappings_since_then_do(sessions, mappings, capsys):
    def git(*arguments):
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run(["git", "-C", str(mappings), *identity, *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "before")
    place = change(mappings, "openai-chat/request.yaml", LIMIT, NO_LIMIT)

    assert 1 == main(["replay", str(sessions), "--against", "HEAD", "--format", "json"])

    told = json.loads(capsys.readouterr().out)
    found = [difference for each in told for difference in each["differences"]]
    assert {"/max_tokens", "/generationConfig/maxOutputTokens", "/generationConfig"} >= {each["path"] for each in found}
    assert [place] == found[0]["mapping"]
    assert 2 == main(["replay", str(sessions), "--against", "no-such-revision"])


def test_a_mapping_that_fails_is_a_difference(sessions, mappings, capsys):
    change(mappings, "openai-chat/request.yaml", LIMIT, 'max_tokens: "= $number(messages[0].role)"')

    assert 1 == main(["replay", str(sessions)])

    assert "openai-chat/request.yaml:" in capsys.readouterr().out


def test_folders_without_sessions_are_wrong_usage(tmp_path, capsys):
    assert 2 == main(["replay", str(tmp_path)])

    assert "no session.yaml" in capsys.readouterr().err


def test_a_broken_session_is_told_by_its_file(sessions, capsys):
    folder = next(find_sessions([sessions]))
    (folder / META).write_text("recording: 99\n")

    with pytest.raises(SessionError, match="reads 1"):
        read_session(folder)


def test_a_session_reads_as_it_was_written(sessions, tmp_path):
    for folder in find_sessions([sessions]):
        session = read_session(folder)

        assert session == read_session(write_session(tmp_path / "again", session))


def test_a_session_names_no_files_elsewhere(sessions):
    folder = next(find_sessions([sessions]))
    text = (folder / META).read_text()
    (folder / META).write_text(text.replace("body: client_request.json", 'body: "../../secret"'))

    with pytest.raises(SessionError, match="no file of this folder"):
        read_session(folder)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": 1, "b": {"c": [1, 2]}}, {"b": {"c": [1, 3]}, "d": None}),
        ({"a": [1]}, {"a": [1, 2]}),
        ({"a": True}, {"a": 1}),
        ([], {}),
    ],
)
def test_edits_make_one_value_of_another(before, after):
    assert after == edited(before, edits_between(before, after))
    assert list(changes(before, after))
    assert [] == list(changes(after, after))
