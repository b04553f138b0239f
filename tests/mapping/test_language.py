"""Every behaviour of the mapping language, as data: tests/fixtures/language/cases.yaml."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ccproxy.conversion.context import Context
from ccproxy.mapping.codegen.runtime import Rejection
from ccproxy.mapping.compiled import generate_folder
from ccproxy.mapping.generated import build_unit
from ccproxy.mapping.model import Folder, Part, Table
from ccproxy.mapping.parser import TemplateParser
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import ListNode, MapNode

FILE = Path(__file__).parent.parent / "fixtures" / "language" / "cases.yaml"
CASES = YAML(typ="safe").load(FILE)
NODES = load_yaml(FILE)[0]


def build(node: MapNode) -> tuple[Folder, dict[str, Table]]:
    parser = TemplateParser()
    template = parser.parse(node.get("template"))
    parts = {e.name: Part(e.name, parser.parse(e.value), e.key) for e in getattr(node.get("parts"), "entries", ())}
    assert not parser.problems, parser.problems
    return Folder("case", {}, None, {("request", "to_unified"): template}, parts, {}), {}


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["it"].replace(" ", "_") for case in CASES])
def test_language(number: int) -> None:
    case = CASES[number]
    assert isinstance(NODES, ListNode)
    node = NODES.items[number]
    assert isinstance(node, MapNode)
    folder, _ = build(node)
    tables = {name: Table(name, t["values"], t.get("default"), node) for name, t in case.get("tables", {}).items()}
    unit = build_unit(generate_folder(folder, tables, None), lambda value: value)
    context = Context({}, "a", {}, 0)

    if "rejects" in case:
        with pytest.raises(Rejection) as refusal:
            unit.functions["request_to_unified"](case["given"], context)
        assert case["rejects"] == refusal.value.error
        return
    result = unit.functions["request_to_unified"](case["given"], context)

    assert case["expect"] == result
    assert [tuple(entry) for entry in case.get("dropped", [])] == context.dropped
