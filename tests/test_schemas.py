"""The schemas of files that people write: valid, closed, described for the editor."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.schema_check import check_schema
from ccproxy.yamltree.schema_store import SchemaStore

SCHEMAS = Path(__file__).parent.parent / "schemas"
EXAMPLE = Path(__file__).parent.parent.parent / "shared" / "examples" / "ccproxy.yaml"
FILES = [
    *sorted(SCHEMAS.glob("mapping/*.schema.json")),
    SCHEMAS / "config.schema.json",
    SCHEMAS / "fixture.schema.json",
    *(SCHEMAS / f"{name}.schema.json" for name in ("recording", "redaction", "normalisation")),
]

every_schema = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".schema.json"))


def objects(schema, pointer=""):
    """Yield every schema that lists properties, with its pointer."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield pointer, schema
        for key, value in schema.items():
            yield from objects(value, f"{pointer}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from objects(value, f"{pointer}/{index}")


@every_schema
def test_it_is_valid_and_knows_its_name(path):
    schema = json.loads(path.read_text())
    name = path.relative_to(SCHEMAS).as_posix()

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://ccproxy.dev/schemas/{name}"


@every_schema
def test_it_is_closed_and_described(path):
    for pointer, schema in objects(json.loads(path.read_text())):
        assert schema.get("additionalProperties") is False, pointer
        for name, value in schema["properties"].items():
            assert value.get("description"), f"{pointer}/{name}"


@every_schema
def test_its_references_are_found(path):
    name = path.relative_to(SCHEMAS).as_posix().removesuffix(".schema.json")

    assert list(SchemaStore(SCHEMAS).validator(name).iter_errors({"$no": [{"such": "thing"}], "to_unified": {}}))


@pytest.mark.skipif(not EXAMPLE.exists(), reason="the shared example is not here")
def test_the_example_configuration_is_valid():
    node, problems = load_yaml(EXAMPLE)

    assert [*problems, *check_schema(node, "config", SchemaStore(SCHEMAS))] == []
