"""JSON Schema violations as diagnostics: one per mistake, at the exact key or value, never in a library's words."""

from dataclasses import replace

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.yamltree.branches import NoBranch, meant_errors
from ccproxy.yamltree.nodes import Node, to_json
from ccproxy.yamltree.schema_keys import KEY_RULES, check_keys
from ccproxy.yamltree.schema_store import SchemaStore
from ccproxy.yamltree.schema_values import value_problem


def check_schema(node: Node, schema_name: str, schemas: SchemaStore) -> list[Diagnostic]:
    """Check a file against the schema of its kind, named without folder `schemas/` and suffix."""
    value = to_json(node)
    if schemas.accepts(schema_name, value):
        return []
    found = list(meant_errors(schemas.validator(schema_name).iter_errors(value)))
    about_keys = [error for error in found if not isinstance(error, NoBranch) and error.validator in KEY_RULES]
    about_values = [error for error in found if isinstance(error, NoBranch) or error.validator not in KEY_RULES]
    problems = [*check_keys(node, about_keys), *(value_problem(node, error) for error in about_values)]
    where = f"  ({schemas.shown(schema_name)})"
    return [replace(problem, where=where) for problem in problems]
