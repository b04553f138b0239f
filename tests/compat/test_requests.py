"""What a model is told: the guide, the choice of tools, and the conversation so far."""

import copy
import json

import pytest
from ruamel.yaml import YAML

from ccproxy.compat.guide import Choice, open_environment
from ccproxy.compat.outline import outline
from ccproxy.compat.request import rewrite_request
from ccproxy.compat.samples import sample_arguments
from ccproxy.compat.toolbox import build_tool
from compat.conftest import BOOK, DIALECTS, MAPPINGS, read_answer

PARAMETERS = {
    "type": "object",
    "properties": {
        "when": {"type": "string", "format": "date"},
        "city": {"type": "string", "description": "Name of\nthe city", "minLength": 2},
        "unit": {"enum": ["c", "f"], "default": "c"},
        "days": {"type": ["integer", "null"], "minimum": 1, "maximum": 7},
        "places": {"type": "array", "items": {"$ref": "#/$defs/place"}},
        "mode": {"anyOf": [{"const": "fast"}, {"type": "object", "properties": {"limit": {"type": "number"}}}]},
    },
    "required": ["city", "when"],
    "$defs": {"place": {"type": "object", "properties": {"lat": {"type": "number"}}, "required": ["lat"]}},
}
TOOLS = [
    {"type": "function", "name": "get_weather", "description": "Tells the weather.", "parameters": PARAMETERS},
    {"type": "function", "name": "now"},
]


def rewritten(dialect="xml", **fields):
    request = {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}], "tools": TOOLS, **fields}
    own = BOOK.dialect(dialect)
    return rewrite_request(copy.deepcopy(request), own, BOOK.guide(own))


def guide_of(rewritten):
    return rewritten.request["system"][-1]["text"]


def test_schemas_are_told_in_full():
    assert outline(PARAMETERS).splitlines() == [
        "- when (string, date, required)",
        "- city (string, at least 2 characters, required): Name of the city",
        '- unit ("c" | "f", default "c")',
        "- days (integer or null, at least 1, at most 7)",
        "- places (list of object)",
        "  - lat (number, required)",
        '- mode ("fast" or object)',
        "  - limit (number)",
    ]


def test_a_schema_that_holds_itself_has_an_end():
    schema = {"type": "object", "properties": {"child": {"$ref": "#"}, "name": {"type": "string"}}}

    assert 10 < len(outline(schema).splitlines()) < 100


def test_sample_arguments_meet_the_schema():
    from jsonschema import Draft202012Validator

    arguments = sample_arguments(build_tool(TOOLS[0]))

    Draft202012Validator(PARAMETERS).validate(arguments)


def test_the_guide_stands_behind_the_clients_own_words_and_tools_are_gone():
    own = {"type": "text", "text": "Be brief.", "cache": {"type": "ephemeral"}}

    request = rewritten(system=[own], tool_choice={"mode": "auto"}).request

    assert own == request["system"][0]
    assert 2 == len(request["system"])
    assert not {"tools", "tool_choice"} & request.keys()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_guide_names_the_tools_and_shows_calls_that_are_understood(dialect):
    told = guide_of(rewritten(dialect))

    assert "get_weather" in told
    assert '"days"' in told or "- days" in told
    assert "Tells the weather." in told
    example = BOOK.guide(BOOK.dialect(dialect))._example(build_tool(TOOLS[0]), rewritten(dialect).toolbox)
    assert example in told
    assert ["get_weather"] == [name for name, _ in read_answer([example], TOOLS, dialect)]


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"mode": "auto"}, "only when you need it"),
        ({"mode": "required"}, "You must call a tool now"),
        ({"mode": "tool", "name": "now"}, "You must call `now` now"),
        ({"mode": "none"}, "You cannot call tools in this answer"),
        ({"parallel": False}, "one call at most"),
        ({"parallel": True}, "several calls"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_choice_of_tools_is_told_in_words(dialect, choice, words):
    assert words in guide_of(rewritten(dialect, tool_choice=choice))


def test_only_allowed_tools_are_told():
    told = rewritten(tool_choice={"mode": "auto", "allowed": ["now"]})

    assert ["now"] == told.toolbox.names
    assert "get_weather" not in guide_of(told)


def test_without_choice_nothing_can_be_called():
    assert [] == rewritten(tool_choice={"mode": "none"}).toolbox.names


def test_a_form_of_answer_that_forbids_calls_is_told_in_words():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}

    told = rewritten(response_format={"type": "json_schema", "schema": schema})

    assert "response_format" not in told.request
    assert json.dumps(schema) in guide_of(told)


def test_tools_of_the_provider_stay():
    search = {"type": "native", "protocol": "p", "name": "search", "value": {"type": "search"}}

    request = rewritten(tools=[*TOOLS, search], tool_choice={"mode": "tool", "name": "search"}).request

    assert [search] == request["tools"]
    assert {"mode": "tool", "name": "search"} == request["tool_choice"]


def test_the_cache_mark_of_the_tools_goes_to_the_guide():
    marked = [*TOOLS[:1], {**TOOLS[1], "cache": {"type": "ephemeral"}}]

    assert {"type": "ephemeral"} == rewritten(tools=marked).request["system"][-1]["cache"]


CALL = {"type": "tool_call", "id": "c1", "name": "get_weather", "arguments": {"city": "a < b"}}
RESULT = {"type": "tool_result", "name": "get_weather"}
PICTURE = {"type": "image", "source": {"type": "url", "url": "https://example.com/x.png"}}
THOUGHT = {"type": "reasoning", "text": "Hm.", "signature": "s", "origin": "p"}


def conversation():
    return [
        {"role": "user", "content": [{"type": "text", "text": "Look."}, PICTURE]},
        {"role": "assistant", "content": [THOUGHT, {"type": "text", "text": "I look."}, CALL, {**CALL, "id": "c2"}]},
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "id": "c1",
                    "name": "get_weather",
                    "content": [{"type": "text", "text": "<sun>"}],
                },
                {"type": "tool_result", "id": "c2", "name": "get_weather", "error": True, "content": [PICTURE]},
                {"type": "text", "text": "And now?"},
            ],
        },
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_past_calls_are_written_as_the_model_should_write_them(dialect):
    messages = rewritten(dialect, messages=conversation()).request["messages"]

    thought, said = messages[1]["content"]
    assert THOUGHT == thought
    calls = [item for item in read_answer([said["text"]], TOOLS, dialect) if not isinstance(item, str)]
    assert [("get_weather", {"city": "a < b"})] * 2 == calls


@pytest.mark.parametrize("dialect", DIALECTS)
def test_results_keep_pictures_and_text(dialect):
    messages = rewritten(dialect, messages=conversation()).request["messages"]

    assert [PICTURE] == [block for block in messages[0]["content"] if block["type"] == "image"]
    assert ["text", "image", "text"] == [block["type"] for block in messages[2]["content"]]
    assert "<sun>" in messages[2]["content"][0]["text"]
    assert "And now?" == messages[2]["content"][2]["text"]


def test_calls_of_the_past_are_written_without_tools_too():
    """Clients ask for titles and summaries of conversations without declaring tools."""
    request = rewritten(messages=conversation(), tools=[]).request

    assert "system" not in request
    assert {"text", "reasoning", "image"} == {b["type"] for m in request["messages"] for b in m["content"]}


def test_messages_without_calls_are_not_touched():
    messages = [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]

    assert messages == rewritten(messages=messages).request["messages"]


def test_templates_can_do_no_harm():
    from jinja2.exceptions import SecurityError

    template = open_environment({}).from_string("{{ ''.__class__.__mro__[1].__subclasses__() }}")

    with pytest.raises(SecurityError):
        template.render()


def test_the_same_tools_are_told_in_the_same_words():
    """Prompt caches hold only for equal prompts."""
    assert guide_of(rewritten()) == guide_of(rewritten())


@pytest.mark.parametrize(
    ("model", "dialect"),
    [
        ("Qwen3-Coder-30B-A3B", "qwen_coder"),
        ("qwen2.5:7b", "hermes"),
        ("NousResearch/Hermes-3-Llama-3.1-8B", "hermes"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "mistral"),
        ("deepseek-r1:8b", "deepseek"),
        ("gemma3:4b", "gemma"),
        ("zai-org/GLM-4.6", "glm"),
        ("moonshotai/Kimi-K2-Instruct", "kimi"),
        ("something-else", "xml"),
    ],
)
def test_a_model_is_asked_in_the_dialect_it_knows(model, dialect):
    assert dialect == BOOK.for_model(model).name


def test_choices_are_told_apart():
    assert Choice("tool", "a") != Choice("tool", "b")


def test_dialects_are_named_like_their_files():
    names = {path.stem: YAML(typ="safe").load(path).get("dialect") for path in MAPPINGS.glob("*.yaml")}

    assert {stem: stem for stem in DIALECTS} == {stem: name for stem, name in names.items() if stem != "rules"}
