"""W7xx: nothing is broken, but a reader or a future change will stumble."""

from ccproxy.diagnostics.catalogue.entry import CodeInfo

STYLE = (
    CodeInfo(
        "W701",
        "expression over several lines without `|`",
        "YAML folds the lines of a plain value into one, which hides where the expression ends. Write it under `|`.",
        "text: = $join(\n  parts.text)",
        "text: |\n  = $join(\n    parts.text)",
    ),
    CodeInfo(
        "W702",
        "quirk without an example",
        "A quirk carries its own test under `examples:`, so that nobody breaks it unnoticed.",
        "quirk: no_forced_tools\nrequest: { tool_choice: auto }",
        "quirk: no_forced_tools\n"
        "request: { tool_choice: auto }\n"
        "examples:\n"
        "  - given: { tool_choice: required }\n"
        "    expect: { tool_choice: auto }",
    ),
    CodeInfo(
        "W703",
        "protocol without a direction",
        "A protocol folder lacks one of its files or directions, so requests of that kind cannot be converted.",
        "to_unified: { model: = model }",
        "to_unified: { model: = model }\nfrom_unified: { model: = model }",
    ),
    CodeInfo(
        "W704",
        "word that looks misspelt",
        "The word stands in no schema and in no other mapping, and differs by one letter from a word that does.",
        "type: permissio_error",
        "type: permission_error",
    ),
    CodeInfo(
        "W705",
        "value that may be of another type",
        "By the schema of the source, what is written here is sometimes of a type that the target does not have: "
        "a list instead of text, for instance.",
        "text: = content",
        "text: \"= $type(content) = 'string' ? content : $join(content.text)\"",
    ),
)
