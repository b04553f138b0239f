"""What libyaml and ruamel say, in our own words."""

import re

NEVER_CLOSED = "a quote is never closed"

# pattern, message, label, help; the first match wins
WORDING = (
    (
        r"mapping values are not allowed",
        "a second key on one line",
        "`: ` starts a value here",
        "put the text in quotes",
    ),
    (
        r"expected ',' or '}'",
        "the mapping in `{ }` is broken",
        "expected `,` or `}`",
        "close the `{`, or quote the text",
    ),
    (r"expected ',' or '\]'", "the list in `[ ]` is broken", "expected `,` or `]`", "close the `[`, or quote the text"),
    (
        r"unexpected end of stream|EOF",
        NEVER_CLOSED,
        "the quote is still open at the end of the file",
        "add the closing quote",
    ),
    (r"document separator", NEVER_CLOSED, "the quote is still open here", "add the closing quote"),
    (
        r"expected '?<?block end|expected key|expected '-'",
        "a line is indented wrongly, or a key is missing",
        "this fits neither the lines above nor a new level",
        "align it with its neighbours; two spaces per level",
    ),
    (r"could not find expected ':'", "a key without `:`", "expected `:` after the key", "add `: `, or indent the text"),
    (
        r"cannot start any token|found character",
        "a value cannot start with this character",
        "YAML keeps it for itself",
        "put the value in quotes",
    ),
    (
        r"unknown escape|escape character|hexadecimal",
        "unknown escape in double quotes",
        "this escape does not exist",
        "use single quotes, or write the backslash twice",
    ),
    (r"undefined alias", "an alias names nothing", "no anchor has this name", "write the value itself"),
    (
        r"control characters|special characters|unacceptable",
        "a control character in the text",
        "not allowed in YAML",
        "delete the character",
    ),
    (r"indentation", "a line is indented wrongly", "does not fit the lines above", "two spaces per level"),
)


def syntax_words(said: str) -> tuple[str, str, str]:
    """Message, label and help for a parser's sentence."""
    for pattern, message, label, advice in WORDING:
        if re.search(pattern, said):
            return message, label, advice
    return "this is not YAML", said.partition("\n")[0], ""
