"""Validators of the unified format, for tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

FOLDER = Path(__file__).parents[2] / "schemas" / "unified"


@cache
def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """The validator of schemas/unified/<name>.schema.json."""
    documents = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.schema.json")}
    registry = jsonschema_rs.Registry([(document["$id"], document) for document in documents.values()])
    return jsonschema_rs.Draft202012Validator(documents[f"{name}.schema.json"], registry=registry)


def violations(name: str, value: Any) -> list[str]:
    """What the schema has against a value."""
    return [f"{error.instance_path}: {error.message}" for error in validator(name).iter_errors(value)]
