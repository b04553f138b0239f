"""Examples beside a protocol's rules: made from schemas, run by `validate`, accepted again after a change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ccproxy.cli.accepting import accept
from ccproxy.cli.checking import check_files
from ccproxy.cli.file_kinds import find_files
from ccproxy.datadirs import find_data_dir
from ccproxy.diagnostics.model import Diagnostic
from ccproxy.yamltree.schema_store import SchemaStore

FACTS = """\
protocol: tiny
title: Tiny
source: https://tiny.example
operations:
  chat:
    routes: [POST /tiny]
    upstream: { path: /tiny }
    model: { body: /model }
    stream: { body: /live, default: false }
stream: { framing: ndjson, content_type: application/x-ndjson, keep_alive: "{}" }
auth: { client: { headers: [authorization] }, upstream: { authorization: "Bearer {key}" } }
limits: { tool_name: { pattern: "[a-z]", max: 32, fill: _ } }
errors: { status: { invalid_request: 400, server: 500 } }
normal_form: { inline_system: user, first_role: user }
"""
ERROR = """\
to_unified:
  kind: { $if: = $status >= 500, $then: server, $else: invalid_request }
  status: = $status
  message: "= oops ?: 'no reason'"
from_unified:
  oops: = message
  why:
    $match: = kind
    rate_limit: slow down
    billing: pay first
    $else: broken
drops: { from_unified: { /param: the message tells it } }
"""
GIVEN = [
    {"of": "error", "to": "to_unified", "given": {"oops": "no"}, "with": {"status": 500}},
    {"of": "error", "to": "to_unified", "given": {"oops": "no"}, "with": {"status": 400}},
    {"of": "error", "to": "from_unified", "given": {"kind": "rate_limit", "message": "m"}},
    {"of": "error", "to": "from_unified", "given": {"kind": "billing", "message": "m"}},
    {"of": "error", "to": "from_unified", "given": {"kind": "server", "message": "m"}},
]


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A protocol of errors only, with accepted examples."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    monkeypatch.setenv("CCPROXY_MAPPINGS", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (folder / "protocol.yaml").write_text(FACTS)
    (folder / "error.yaml").write_text(ERROR)
    (folder / "examples.jsonl").write_text("".join(json.dumps(each) + "\n" for each in GIVEN))
    assert ["tiny: 5 of 5 examples changed"] == list(accept([folder]))
    return folder


def problems_of(folder: Path) -> list[Diagnostic]:
    _, problems = check_files(find_files([folder]), SchemaStore(find_data_dir("schemas")), Path.cwd())
    return [problem for problem in problems if problem.severity == "error"]


def change(folder: Path, old: str, new: str) -> None:
    text = (folder / "error.yaml").read_text()
    assert old in text
    (folder / "error.yaml").write_text(text.replace(old, new))


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(ERROR.splitlines(), 1) if text in line)


def test_accepting_fills_in_what_the_rules_give(tiny: Path) -> None:
    said = [json.loads(line)["expect"] for line in (tiny / "examples.jsonl").read_text().splitlines()]

    assert {"kind": "server", "status": 500, "message": "no"} == said[0]
    assert {"oops": "m", "why": "pay first"} == said[3]


def test_examples_that_hold_say_nothing(tiny: Path) -> None:
    assert [] == problems_of(tiny)


def test_a_lost_case_is_told_beside_the_others(tiny: Path) -> None:
    change(tiny, "    billing: pay first\n", "")

    (problem,) = problems_of(tiny)

    assert "E501" == problem.code
    assert abs(problem.span.line - line_of("billing")) <= 3


def test_exchanged_branches_are_found_by_exchanging_them(tiny: Path) -> None:
    change(tiny, "$then: server, $else: invalid_request", "$else: server, $then: invalid_request")

    (problem,) = problems_of(tiny)

    assert "`$then` and `$else` seem to be exchanged" in problem.message
    assert line_of("$then") == problem.span.line


def test_exchanged_cases_are_found_by_exchanging_them(tiny: Path) -> None:
    change(tiny, "rate_limit: slow down\n    billing: pay", "billing: slow down\n    rate_limit: pay")

    (problem,) = problems_of(tiny)

    assert line_of("rate_limit") == problem.span.line


def test_a_deliberate_change_is_accepted(tiny: Path) -> None:
    change(tiny, "slow down", "wait")
    assert ["E501"] == [problem.code for problem in problems_of(tiny)]

    assert ["tiny: 1 of 5 examples changed"] == list(accept([tiny]))

    assert [] == problems_of(tiny)


def test_a_line_that_is_no_example_is_told(tiny: Path) -> None:
    with (tiny / "examples.jsonl").open("a") as file:
        file.write('{"of": 7}\n')

    (problem,) = problems_of(tiny)

    assert ("tiny/examples.jsonl", 6) == (problem.span.file, problem.span.line)


def test_a_protocol_without_examples_gets_some_that_run_every_rule(tiny: Path) -> None:
    (tiny / "examples.jsonl").unlink()

    list(accept([tiny]))

    said = [json.loads(line) for line in (tiny / "examples.jsonl").read_text().splitlines()]
    assert {"slow down", "pay first", "broken"} <= {each["expect"].get("why") for each in said}
    assert [] == problems_of(tiny)
