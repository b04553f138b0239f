"""The author's guide does what it says: examples of the language, the worked quirk and protocol, generated lists."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from typing import Any

import pytest
from ruamel.yaml import YAML

from ccproxy import Engine, RequestRejected
from ccproxy.conversion.context import Context
from ccproxy.datadirs import find_builtin_dir
from ccproxy.diagnostics.codes import CODES
from ccproxy.expr.helpers.catalogue import HELPERS
from ccproxy.mapping.codegen.runtime import Rejection
from ccproxy.mapping.codegen.scope import ENGINE_VARIABLES
from ccproxy.mapping.compiled import generate_folder
from ccproxy.mapping.generated import build_unit
from ccproxy.mapping.model import Folder, Part, Table
from ccproxy.mapping.parser import DIRECTIVES, TemplateParser
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import MapNode
from documents.conftest import Compare, Try, write_file
from documents.pages import GUIDE, Block, blocks, part_of

PAGE = GUIDE.read_text(encoding="utf-8")
LANGUAGE = part_of(PAGE, "## The language")
EXAMPLES = [block for block in blocks(LANGUAGE) if block.language == "yaml"]
SCHEMAS = find_builtin_dir("schemas")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda block: f"line_{block.line}")
def test_example_of_the_language(example: Block) -> None:
    said = YAML(typ="safe").load(example.text)
    context = Context({}, "a", {}, 0)
    convert = compiled(example.text, said.get("tables", {}))

    if "rejects" in said:
        with pytest.raises(Rejection) as refusal:
            convert(said["given"], context)
        assert said["rejects"] == refusal.value.error
        return

    assert said["expect"] == convert(said["given"], context)
    assert [tuple(loss) for loss in said.get("dropped", [])] == context.dropped


def compiled(text: str, tables: dict[str, Any]) -> Any:
    """The function that an example's template becomes."""
    node, problems = load_yaml(GUIDE, text)
    assert isinstance(node, MapNode)
    parser = TemplateParser(problems)
    parts = {entry.name: Part(entry.name, parser.parse(entry.value), entry.key) for entry in parts_of(node)}
    template = parser.parse(node.get("template") or node)
    assert [] == parser.problems
    shared = {name: Table(name, table["values"], table.get("default"), node) for name, table in tables.items()}
    folder = Folder("guide", {}, None, {("request", "to_unified"): template}, parts, {})
    return build_unit(generate_folder(folder, shared, None), lambda value: value).functions["request_to_unified"]


def parts_of(node: MapNode) -> Iterable[Any]:
    parts = node.get("parts")
    return parts.entries if isinstance(parts, MapNode) else ()


def test_every_directive_has_an_example() -> None:
    text = "".join(example.text for example in EXAMPLES)

    assert [] == [name for name in DIRECTIVES if f"{name}:" not in text]


def test_every_variable_is_explained() -> None:
    assert set(ENGINE_VARIABLES) == named_in(part_of(LANGUAGE, "### Variables of the engine"), "$")


def test_every_fragment_and_event_is_explained() -> None:
    explained = named_in(part_of(PAGE, "## What the engine guarantees"), "")

    assert definitions("fragment") | definitions("event") <= explained


def named_in(text: str, prefix: str) -> set[str]:
    """The names in the first column of tables."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name.strip("` ").removeprefix(prefix) for cell in cells for name in cell.split(",")}


def definitions(schema: str) -> set[str]:
    return set(json.loads((SCHEMAS / "unified" / f"{schema}.schema.json").read_bytes())["$defs"])


# ---- the worked quirk and the worked protocol --------------------------------------------------------------


WORKED = [*blocks(part_of(PAGE, "## A quirk")), *blocks(part_of(PAGE, "## A protocol"))]


def test_worked_examples_are_clean(follow: Try) -> None:
    follow(WORKED)


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The built-in mappings, with those of the guide laid over them."""
    folder = tmp_path_factory.mktemp("guide")
    for block in WORKED:
        write_file(block, folder)
    return Engine.load(find_builtin_dir("mappings"), folder / "my-mappings")


def test_worked_quirk_changes_requests(extended: Engine) -> None:
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], "stream": True}

    plain = extended.request(body, "claude", "openai-chat")
    quirky = extended.request(body, "claude", "openai-chat", quirks=["slow_coach"])

    assert {"include_usage": True} == plain["stream_options"]
    assert {**plain, "stream_options": {}} == quirky


CLAUDE_REQUEST = {
    "model": "m",
    "max_tokens": 50,
    "system": "Be kind.",
    "thinking": {"type": "enabled", "budget_tokens": 2000},
    "messages": [
        {"role": "user", "content": "Will it rain?"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "t1", "name": "get-rain", "input": {"city": "Oslo"}},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "It will."}]},
    ],
    "tools": [{"name": "get-rain", "description": "Asks the sky.", "input_schema": {"type": "object"}}],
}
PLAIN_REQUEST = {
    "model": "m",
    "limit": 50,
    "instructions": "Be kind.",
    "turns": [
        {"who": "human", "says": "Will it rain?"},
        {"who": "model", "says": "Let me see."},
        {"who": "model", "call": {"id": "t1", "name": "get_rain", "with": {"city": "Oslo"}}},
        {"who": "tool", "answers": "t1", "says": "It will."},
    ],
    "functions": [{"name": "get_rain", "about": "Asks the sky.", "takes": {"type": "object"}}],
}
PLAIN_STREAM = b"""{"says": "It "}
{"says": "rains."}
{"call": {"id": "c1", "name": "get_rain", "with": {"city": "Bergen"}}}
{"because": "call", "cost": {"in": 9, "out": 3}}
"""


def test_worked_protocol_serves_other_clients(extended: Engine) -> None:
    exchange = extended.open("claude", "plain-chat", CLAUDE_REQUEST)

    assert PLAIN_REQUEST == exchange.upstream_request
    assert ["reasoning"] == exchange.dropped
    answer = exchange.whole(PLAIN_STREAM)
    assert [("text", None), ("tool_use", "get-rain")] == [(b["type"], b.get("name")) for b in answer["content"]]  # type: ignore[union-attr,index,call-overload]
    assert "tool_use" == answer["stop_reason"]


def test_worked_protocol_has_clients_of_its_own(extended: Engine) -> None:
    upstream = extended.request({**PLAIN_REQUEST, "live": True}, "plain-chat", "claude")
    back = extended.request(upstream, "claude", "plain-chat")

    assert {**PLAIN_REQUEST, "live": True} == back


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("other", ["claude", "gemini", "ollama", "openai-chat", "openai-responses"])
def test_worked_protocol_streams_both_ways(extended: Engine, other: str, size: int) -> None:
    asked_for_counts = {"model": "m", "stream_options": {"include_usage": True}}  # which chat clients have to
    there = in_pieces(extended.stream("plain-chat", other, asked_for_counts), PLAIN_STREAM, size)

    back = in_pieces(extended.stream(other, "plain-chat"), there, size)

    lines = [json.loads(line) for line in back.splitlines()]
    assert "It rains." == "".join(line.get("says", "") for line in lines)
    assert [("get_rain", {"city": "Bergen"})] == [(c["name"], c["with"]) for x in lines if (c := x.get("call"))]
    assert {"because": "call", "cost": {"in": 9, "out": 3}} == lines[-1]


def in_pieces(stream: Any, data: bytes, size: int) -> bytes:
    pieces = [stream.feed(data[start : start + size]) for start in range(0, len(data), size)]
    return b"".join([*pieces, stream.close()])


def test_worked_protocol_tells_errors(extended: Engine) -> None:
    status, body = extended.error(429, {"oops": "slow down"}, "plain-chat", "claude")
    assert (429, "slow down") == (status, body["error"]["message"])  # type: ignore[index,call-overload]

    with pytest.raises(RequestRejected) as refused:
        extended.request({"model": "m", "turns": [{"who": "ghost", "says": "Boo"}]}, "plain-chat", "claude")
    assert (400, {"oops": "Nobody is called `ghost`."}) == extended.client_error("plain-chat", refused.value.error)


# ---- generated sections --------------------------------------------------------------------------------------


def test_helpers(generated: Compare) -> None:
    rows = [f"| `{entry.signature}` | {first_sentence(entry.doc)} |\n" for _, entry in sorted(HELPERS.items())]

    generated(GUIDE, "helpers", "".join(["| function | gives |\n|---|---|\n", *rows]))


def first_sentence(doc: str) -> str:
    return " ".join(doc.partition("\n\n")[0].partition("\n`$")[0].split()).replace("|", "\\|")


def test_normal_form(generated: Compare) -> None:
    generated(GUIDE, "normal-form", table_of("normal_form", "rule"))


def test_protocol_keys(generated: Compare) -> None:
    rows = [row(name, fact) for name, fact in protocol_schema()["properties"].items()]

    generated(GUIDE, "protocol-keys", "".join(["| key | says |\n|---|---|\n", *rows]))


def test_operation_keys(generated: Compare) -> None:
    rows = [row(name, fact) for name, fact in protocol_schema()["$defs"]["operation"]["properties"].items()]

    generated(GUIDE, "operation-keys", "".join(["| key of an operation | says |\n|---|---|\n", *rows]))


def table_of(section: str, word: str) -> str:
    rows = [row(name, fact) for name, fact in protocol_schema()["properties"][section]["properties"].items()]
    return "".join([f"| {word} | says |\n|---|---|\n", *rows])


def row(name: str, fact: dict[str, Any]) -> str:
    words = ", ".join(f"`{'null' if word is None else word}`" for word in fact.get("enum", ()))
    return f"| `{name}` | {fact.get('description') or described(fact)}{f' ({words})' if words else ''} |\n"


def described(fact: dict[str, Any]) -> str:
    """The description of a fact that stands elsewhere in the schema."""
    text: str = protocol_schema()["$defs"][fact["$ref"].rpartition("/")[2]]["description"]
    return text


def protocol_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / "mapping" / "protocol.schema.json").read_bytes())
    return schema


FAMILIES = {"X": "Expressions", "M": "Mappings", "E": "Examples", "W": "Warnings"}


def test_codes(generated: Compare) -> None:
    lists = [family_of_codes(title, letter) for letter, title in FAMILIES.items()]

    generated(GUIDE, "codes", "\n".join([*lists, "`ccproxy explain CODE` shows each, wrong and right.\n"]))


def family_of_codes(title: str, letter: str) -> str:
    found = ", ".join(f"`{code}`\N{NO-BREAK SPACE}{info.title}" for code, info in CODES.items() if code[0] == letter)
    return textwrap.fill(f"**{title}:** {found}.", 120, break_long_words=False) + "\n"
