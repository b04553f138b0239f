"""`ccproxy schemas diff` names what changed in a protocol, and the mapping lines to look at."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ccproxy.cli.main import main
from ccproxy.cli.schemas import schemas_in
from ccproxy.datadirs import find_data_dir
from ccproxy.schemagen.drift import Change, compare_schemas

OLD: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}}},
    "required": ["id"],
    "$defs": {"Part": {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}}},
}


def changed(**edits: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(OLD)), **edits}


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, []),
        (
            changed(properties={**OLD["properties"], "mood": {"type": "string"}}),
            [Change("new", "p/k", "body.mood", ("optional", "string"))],
        ),
        (
            changed(properties={"id": {"type": "string"}}),
            [Change("removed", "p/k", "body.parts", (), ("array", "optional"))],
        ),
        (changed(required=[]), [Change("changed", "p/k", "body.id", ("optional",))]),
        (
            changed(**{"$defs": {"Part": {"type": "object", "properties": {"kind": {"enum": ["a", "c"]}}}}}),
            [Change("changed", "p/k", "Part.kind", ('"c"',), ('"b"',))],
        ),
        (
            changed(**{"$defs": {**OLD["$defs"], "More": {"type": "object", "properties": {"x": {"type": "null"}}}}}),
            [Change("new", "p/k", "More", ("object",))],
        ),
    ],
    ids=["nothing", "new_field", "removed_field", "now_optional", "other_literals", "new_definition"],
)
def test_schemas_differ_by(new: dict[str, Any], expected: list[Change]) -> None:
    assert expected == list(compare_schemas("p/k", OLD, new))


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The wire schemas as if Claude's SDK had changed."""
    folder = tmp_path / "wire"
    shutil.copytree(find_data_dir("schemas") / "wire", folder)
    path = folder / "claude" / "response.schema.json"
    schema = json.loads(path.read_text())
    schema["properties"]["mood"] = {"type": "string"}
    del schema["properties"]["stop_sequence"]
    path.write_text(json.dumps(schema))
    return folder


def test_differences_name_mapping_lines(newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["schemas", "diff", "claude", "--against", str(newer), "--format", "json"])
    told = json.loads(capsys.readouterr().out)["differences"]

    assert status == 1
    assert [("new", "body.mood"), ("removed", "body.stop_sequence")] == [(t["change"], t["field"]) for t in told]
    assert [False, False] == [each["settled"] for each in told]
    for place in (place for each in told for place in each["mappings"]):
        assert place["file"].endswith(".yaml")
    read = [place for place in told[1]["mappings"] if place["does"] == "read"]
    line = Path(find_data_dir("mappings") / "claude" / "response.yaml").read_text().splitlines()[read[0]["line"] - 1]
    assert "stop_sequence" in line


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_differences_are_told_to_people(newer: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    assert main(["schemas", "diff", "--against", str(newer), "--format", form]) == 1
    text = capsys.readouterr().out

    assert "body.mood" in text
    assert "claude/response.yaml:" in text


def test_equal_schemas_are_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas", "diff", "--against", str(find_data_dir("schemas") / "wire")]) == 0
    assert "0 differences" in capsys.readouterr().out


def test_folders_without_schemas_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas", "diff", "--against", str(tmp_path)]) == 2
    assert "no `PROTOCOL/KIND.schema.json`" in capsys.readouterr().err


def test_missing_packages_are_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("ccproxy.cli.schemas.find_spec", lambda _: None)

    assert main(["schemas", "diff"]) == 2
    assert "pip install 'ccproxy[test]'" in capsys.readouterr().err


def test_every_schema_of_the_folder_is_compared() -> None:
    folder = find_data_dir("schemas") / "wire"

    assert len(list(folder.glob("*/*.schema.json"))) == len(schemas_in(folder))
