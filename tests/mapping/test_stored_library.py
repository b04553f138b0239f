"""Stored code must be the code of the files: never stale, never trusted from a stranger, never in the way."""

import shutil
from pathlib import Path

import pytest

from ccproxy.conversion.engine import Engine, open_library
from ccproxy.conversion.errors import MappingError, MappingFailure
from ccproxy.mapping.stored_library import StoredLibrary, store_folder

BUILT_IN = Path(__file__).parent.parent.parent / "mappings"
REQUEST = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture
def mappings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CCPROXY_CACHE", str(tmp_path / "cache"))
    for name in ("claude", "openai-chat", "shared"):
        shutil.copytree(BUILT_IN / name, tmp_path / "mappings" / name)
    return tmp_path / "mappings"


def convert(mappings: Path) -> dict[str, object]:
    return Engine.load(mappings).request(dict(REQUEST), source="claude", target="openai-chat")


def test_second_start_reads_no_source(mappings: Path) -> None:
    first = convert(mappings)

    def refuse() -> None:
        raise AssertionError("the sources were read again")

    folder = store_folder([mappings])
    assert folder is not None
    engine = Engine(StoredLibrary(folder, refuse))  # type: ignore[arg-type]

    assert first == engine.request(dict(REQUEST), source="claude", target="openai-chat")


def test_an_edited_file_is_read_again(mappings: Path) -> None:
    convert(mappings)
    request = mappings / "openai-chat" / "request.yaml"
    text = request.read_text().replace("  messages:\n    $concat:", "  added: by hand\n  messages:\n    $concat:", 1)
    request.write_text(text)

    assert "by hand" == convert(mappings)["added"]


def test_a_broken_file_is_told_although_code_is_stored(mappings: Path) -> None:
    convert(mappings)
    (mappings / "claude" / "request.yaml").write_text("to_unified: [")

    with pytest.raises(MappingError):
        Engine.load(mappings)


def test_unreadable_stored_code_is_made_anew(mappings: Path) -> None:
    expected = convert(mappings)
    folder = store_folder([mappings])
    assert folder is not None
    for file in folder.iterdir():
        file.write_bytes(b"\x80nonsense")

    assert expected == convert(mappings)


def test_a_folder_that_others_may_write_to_is_not_trusted(mappings: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o777)
    (tmp_path / "cache").chmod(0o777)

    assert store_folder([mappings]) is None
    assert not isinstance(open_library([mappings]), StoredLibrary)


def test_nothing_is_stored_when_told_so(mappings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCPROXY_CACHE", "off")

    assert store_folder([mappings]) is None


def test_a_failing_rule_is_named_from_stored_code_too(mappings: Path) -> None:
    request = mappings / "claude" / "request.yaml"
    text = request.read_text().replace("to_unified:\n", 'to_unified:\n  seed: "= model + 1"\n', 1)
    request.write_text(text)
    line = 1 + text.splitlines().index('  seed: "= model + 1"')
    for _start in ("from source", "stored"):
        with pytest.raises(MappingFailure) as failure:
            convert(mappings)
        assert failure.value.place is not None
        assert line == failure.value.place.line
