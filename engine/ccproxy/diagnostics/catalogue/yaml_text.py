"""Y1xx: the text of a YAML file, before anybody asks what it means."""

from ccproxy.diagnostics.catalogue.entry import CodeInfo

YAML_TEXT = (
    CodeInfo(
        "Y101",
        "YAML syntax",
        "The file is not YAML, so nothing in it could be checked. Other files were checked all the same. Most "
        "often a quote or bracket stays open, or a line is indented differently from its neighbours.",
        'name: "stop_reason\nvalues: {}',
        'name: "stop_reason"\nvalues: {}',
    ),
    CodeInfo(
        "Y102",
        "duplicate key",
        "The same key stands twice in one mapping. YAML readers keep one of them without a word; here it is "
        "an error. Delete one, or rename it. For several values with one outcome in `$match`, write `a|b:`.",
        "model: = model\nmodel: = alias",
        "model: = model",
    ),
    CodeInfo(
        "Y103",
        "YAML 1.1 boolean",
        "Bare `yes`, `no`, `on`, `off`, `y` and `n` are booleans for YAML 1.1 readers and text for YAML 1.2 "
        "readers. Write `true` or `false` when you mean a boolean, and quotes when you mean the word.",
        "mode: off",
        'mode: "off"',
    ),
    CodeInfo(
        "Y104",
        "tab in indentation",
        "YAML forbids tabs for indentation. Use two spaces per level.",
        "stream:\n	framing: sse",
        "stream:\n  framing: sse",
    ),
    CodeInfo(
        "Y105",
        "YAML ends the expression early",
        "An expression without quotes ends where YAML sees its own punctuation: `: ` starts a new key, ` #` "
        "starts a comment, and inside `{ }` or `[ ]` also a comma and every bracket end it. What you wrote "
        "after that place is lost or breaks the file. Put the expression in quotes, or on its own line under "
        "`|`. A choice between two values often reads better as `$match` or `$if`.",
        "reason: = finish_reason ? finish_reason : 'end'",
        "reason: \"= finish_reason ? finish_reason : 'end'\"\n\nreason: |\n  = finish_reason ? finish_reason : 'end'",
    ),
    CodeInfo(
        "Y106",
        "anchors, aliases and merge keys",
        "`&name`, `*name` and `<<` make one place of a file depend on another without saying what it is. Name "
        "the common piece under `parts:` and write `$use: name`, or spread an object with `$merge`.",
        "a: &block { type: text }\nb: *block",
        "a: { $use: block }\nb: { $use: block }\nparts:\n  block: { type: text }",
    ),
    CodeInfo(
        "Y107",
        "unreadable file",
        "The file cannot be opened, or it is not UTF-8 text. Save it as UTF-8.",
        "(a file saved as UTF-16)",
        "(the same file saved as UTF-8)",
    ),
    CodeInfo(
        "Y108",
        "not one document",
        "A file holds exactly one YAML document: it is empty, or a second one starts at `---`. Use one file "
        "per document.",
        "table: a\n---\ntable: b",
        "table: a",
    ),
    CodeInfo(
        "Y109",
        "tag or key of an unusual kind",
        "Explicit tags (`!name`) and keys that are lists or mappings have no meaning here. Keys are plain words.",
        "port: !!str 80",
        'port: "80"',
    ),
)
