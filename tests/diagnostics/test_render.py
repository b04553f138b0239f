"""The two diagnostics that the style guide holds up, character by character, and the other forms."""

import json

from ccproxy.diagnostics.model import Diagnostic, Related, Span
from ccproxy.diagnostics.render import render

REQUEST = "\n" * 16 + "to_unified:\n  model: = model\n  messsages: { $each: = messages, $use: message }\n"
RESPONSE = (
    "\n" * 40 + "  stop_reason: |\n    = $exists(choice.finish_reason)\n      ? $stopReason(choice.finish_reason)\n"
)
SOURCES = {
    "mappings/a/request.yaml": REQUEST,
    "mappings/a/response.yaml": RESPONSE,
    "mappings/shared/s.yaml": "\n\nname: stop_reason\n",
}

MISSPELT = Diagnostic(
    "S203",
    "unknown field `messsages` in the unified request",
    Span("mappings/a/request.yaml", 19, 3, 12),
    label="the unified request has no such field",
    help="rename it to `messages`",
    note="`messages` is required and missing here, which this also fixes",
    path="/to_unified/messsages",
    where="  (schemas/unified/request.schema.json)",
    suggestion="messages",
)
UNDEFINED = Diagnostic(
    "X302",
    "call to undefined function `$stopReason`",
    Span("mappings/a/response.yaml", 43, 9, 20),
    label="no built-in, helper or `let:` has this name",
    help="write `$stop_reason(choice.finish_reason)`; names are lower_snake",
    path="/to_unified/stop_reason",
    where=", character 35 of the expression",
    suggestion="$stop_reason",
    related=(Related(Span("mappings/shared/s.yaml", 3, 7, 18), "the closest name is defined here"),),
)
FULL = """\
error[S203]: unknown field `messsages` in the unified request
  --> mappings/a/request.yaml:19:3
   |
17 | to_unified:
18 |   model: = model
19 |   messsages: { $each: = messages, $use: message }
   |   ^^^^^^^^^ the unified request has no such field
   |
   = help: rename it to `messages`
   = note: `messages` is required and missing here, which this also fixes
   = at:   /to_unified/messsages  (schemas/unified/request.schema.json)
   = more: ccproxy explain S203

error[X302]: call to undefined function `$stopReason`
  --> mappings/a/response.yaml:43:9
   |
41 |   stop_reason: |
42 |     = $exists(choice.finish_reason)
43 |       ? $stopReason(choice.finish_reason)
   |         ^^^^^^^^^^^ no built-in, helper or `let:` has this name
   |
  ::: mappings/shared/s.yaml:3:7
   |
 3 | name: stop_reason
   |       ----------- the closest name is defined here
   |
   = help: write `$stop_reason(choice.finish_reason)`; names are lower_snake
   = at:   /to_unified/stop_reason, character 35 of the expression
   = more: ccproxy explain X302

ccproxy validate: 2 errors in 2 of 31 files
"""


def test_full_form_is_the_standard():
    assert render([UNDEFINED, MISSPELT], "full", SOURCES, files_checked=31) == FULL


def test_no_problems_are_counted_too():
    assert render([], "full", {}, files_checked=31) == "ccproxy validate: no problems in 31 files\n"


def test_concise_form_is_one_line_each():
    expected = (
        "mappings/a/request.yaml:19:3: error[S203] unknown field `messsages` in the unified request"
        " (did you mean `messages`?)\n"
        "mappings/a/response.yaml:43:9: error[X302] call to undefined function `$stopReason`"
        " (did you mean `$stop_reason`?)\n"
    )

    assert render([MISSPELT, UNDEFINED], "concise", SOURCES) == expected


def test_json_form_has_the_contracted_fields():
    expected = {
        "severity": "error",
        "code": "S203",
        "message": "unknown field `messsages` in the unified request",
        "file": "mappings/a/request.yaml",
        "line": 19,
        "column": 3,
        "path": "/to_unified/messsages",
        "help": "rename it to `messages`",
    }

    assert json.loads(render([MISSPELT], "json", SOURCES)) == [expected]


def test_github_form_escapes_what_workflow_commands_read():
    problem = Diagnostic("S201", "100% wrong\nreally", Span("a,b.yaml", 1, 2, 4))

    expected = "::error file=a%2Cb.yaml,line=1,col=2,endColumn=4,title=S201::100%25 wrong%0Areally\n"
    assert render([problem], "github", {}) == expected


def test_warnings_are_counted_apart():
    warning = Diagnostic("W701", "odd", Span("a", 1, 1, 2), severity="warning")
    text = render([warning, MISSPELT], "full", SOURCES, files_checked=2)

    assert text.endswith("ccproxy validate: 1 error and 1 warning in 2 of 2 files\n")


def test_colour_changes_nothing_but_colour():
    coloured = render([UNDEFINED, MISSPELT], "full", SOURCES, colour=True, files_checked=31)
    plain = render([UNDEFINED, MISSPELT], "full", SOURCES, files_checked=31)

    assert "\x1b[" in coloured
    assert _without_colour(coloured) == plain


def test_marks_stand_under_wide_characters_and_tabs():
    text = render([Diagnostic("Y101", "odd", Span("a", 1, 9, 10))], "full", {"a": "k:\t日本 e\u0301x!"})

    source, mark = text.splitlines()[3:5]
    assert mark.index("^") == len("1 | k: ") + 4 + 2
    assert "\t" not in source


def test_control_characters_do_not_reach_the_terminal():
    text = render([Diagnostic("Y101", "odd \x1b[2J", Span("a", 1, 1, 2))], "full", {"a": "\x1b[2J"})

    assert "\x1b" not in text


def test_very_long_lines_are_cut_around_the_mark():
    text = render([Diagnostic("Y101", "odd", Span("a", 1, 5001, 5003))], "full", {"a": "x" * 5000 + "!!" + "x" * 5000})

    source, mark = text.splitlines()[3:5]
    assert max(map(len, text.splitlines())) < 200
    assert source[mark.index("^") :][:2] == "!!"


def _without_colour(text):
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)
