"""E5xx: the examples that mapping files carry."""

from ccproxy.diagnostics.catalogue.entry import CodeInfo

EXAMPLE = (
    CodeInfo(
        "E501",
        "example fails",
        "An entry of `examples:` was run and gave something other than its `expect:`. Either the rule or the "
        "example is wrong; the note shows both values.",
        "request: { tool_choice: auto }\n"
        "examples:\n"
        "  - given: { tool_choice: required }\n"
        "    expect: { tool_choice: none }",
        "request: { tool_choice: auto }\n"
        "examples:\n"
        "  - given: { tool_choice: required }\n"
        "    expect: { tool_choice: auto }",
    ),
    CodeInfo(
        "E502",
        "calls that are not read back",
        "A tool dialect writes calls in a form that its own markers do not find. A model that does as it is told would "
        "not be understood.",
        "call: { syntax: json, begin: '<fn={name}>', end: </fn> }\nmarkers: { begin: [{ text: <function= }] }",
        "call: { syntax: json, begin: '<fn={name}>', end: </fn> }\nmarkers: { begin: [{ text: <fn=, end: [</fn>] }] }",
    ),
)
