"""What the checker knows, beyond one mistake at a time (those are golden fixtures in tests/fixtures/diagnostics)."""

from pathlib import Path

import pytest

from ccproxy.mapping.check.tree import check_tree
from ccproxy.mapping.loader import read_tree


@pytest.fixture
def problems(tmp_path):
    """Check mapping files given as `folder/file` -> text; problems come as (code, line)."""

    def check(**files: str) -> list[tuple[str, int]]:
        for name, text in files.items():
            path = tmp_path / "acme" / f"{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.lstrip("\n"))
        loader = read_tree([tmp_path])
        found = [*loader.problems, *check_tree(loader.tree(), loader.nodes)]
        return sorted((problem.code, problem.span.line) for problem in found)

    return check


ERROR = "drops: { from_unified: { /kind: unknown here, /param: unknown here } }"


def test_it_says_nothing_of_sources_without_a_schema(problems):
    assert problems(error="to_unified:\n  kind: server\n  message: = whatever.it[0].is & more\n") == []


def test_a_part_may_read_what_only_some_of_its_uses_have(problems):
    text = f"""
from_unified:
  error: {{ $use: words }}
  stop: {{ $use: words, $of: = details }}
parts:
  words: = message
{ERROR}
"""
    assert problems(error=text) == []


def test_a_part_must_not_read_what_none_of_its_uses_has(problems):
    text = f"""
from_unified:
  error: {{ $use: words }}
  again: {{ $use: words }}
  text: = message
parts:
  words: = mesage
{ERROR}
"""
    assert problems(error=text) == [("X305", 6)]


def test_a_case_knows_which_alternative_it_has(problems):
    text = """
from_unified:
  $each: = content
  $match: = type
  tool_call: = arguments.x & name & id
  text: = text & citations.title
  reasoning: = text & id
  audio: = source.data & transcript
  image: = source
  refusal: = name
  native: = value
  document|tool_result|video: = null
"""
    found = problems(response=text)

    assert [each for each in found if each[0] == "X305"] == [("X305", 9)]


def test_a_condition_knows_which_alternative_it_has(problems):
    text = """
from_unified:
  text: "= content[type = 'text'].text & content[type = 'refusal'].citations"
"""
    assert ("X305", 2) in problems(response=text)


def test_a_name_is_checked_where_it_is_written(problems):
    text = """
to_unified:
  $let:
    failure: { kind: servr, message: = text }
  $merge: = $failure
  type: other
"""
    assert problems(error=text) == [("M410", 3)]


def test_recursion_ends(problems):
    text = """
to_unified:
  content: { $each: = parts, $use: block }
  stop: { reason: end }
parts:
  block:
    $match: = type
    nested: { type: tool_result, id: = id, content: { $each: = parts, $use: block } }
    $else: { type: text, txt: = text }
"""
    assert problems(response=text) == [("S203", 8)]


def test_a_broken_file_makes_no_name_unknown(problems, tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "request.yaml").write_text("parts: {")
    (tmp_path / "acme" / "error.yaml").write_text("to_unified: { $use: failure }")
    loader = read_tree([tmp_path])

    assert check_tree(loader.tree(), loader.nodes, broken={"acme"}) == []


def test_what_is_written_under_extra_is_what_can_be_read_there(problems):
    response = """
to_unified:
  content: []
  stop: { reason: end }
  extra: { acme: { mood: = mood } }
from_unified:
  mood: = extra.acme.moood
"""
    found = problems(response=response)

    assert [each for each in found if each[0] == "X305"] == [("X305", 6)]


def test_a_field_dropped_by_answers_is_dropped_by_streams(problems):
    answer = """
from_unified: { content: = content, usage: = usage, model: = model, id: = id }
drops:
  from_unified: { /stop: not told, /created: not told, /logprobs: not told, /alternatives: one only }
"""
    stream = """
from_unified:
  $match: = type
  block_delta: { text: = text, kind: = kind, more: = value }
  message_stop: { usage: = usage }
  block_start|block_stop|message_start|ping|error: = null
drops:
  from_unified: { /stop: not told }
"""
    assert problems(response=answer, stream=stream) == []


def test_problems_name_their_pointer(tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "error.yaml").write_text("to_unified:\n  kind: servr\n  message: = text\n")
    loader = read_tree([tmp_path])
    [problem] = check_tree(loader.tree(), loader.nodes)

    assert problem.path == "/to_unified/kind"
    assert Path(problem.span.file).name == "error.yaml"
