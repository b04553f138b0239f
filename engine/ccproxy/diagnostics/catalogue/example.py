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
)
