"""Just enough of expression syntax to see that YAML cut one short: quotes, brackets, dangling operators."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

EXPRESSION_START = re.compile(r"(?:: +|- +|^ *|[{\[,] *)(= ?[^\s=])")
PUNCTUATION = re.compile(r":(?=\s|$)|(?<=\s)#|[,\[\]{}]")
DANGLING = re.compile(r"(?:[&+<>=?:,.(\[{]|:=|~>|\s(?:and|or|in))$")
CLOSERS = {"(": ")", "[": "]", "{": "}"}
STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Trap:
    """A character that YAML takes for itself in the middle of an unquoted expression, which begins at `start`."""

    start: int
    column: int
    char: str
    meaning: str
    expression: str


def expression_traps(line: str, inside_flow: bool = False) -> Iterator[Trap]:
    """Find unquoted expressions on a broken line that YAML cuts short."""
    for start in EXPRESSION_START.finditer(line):
        first = start.start(1)
        in_flow = inside_flow or bool(open_brackets(STRING.sub("x", line[:first])))
        for mark in PUNCTUATION.finditer(line, first):
            char, text = mark.group(), line[first : mark.start()]
            if not in_flow and char not in ":#":
                continue
            if char in "#,}]" and not is_unfinished(text):
                break
            whole = whole_expression(text + char, line[mark.end() :]) if in_flow else line[first:].rstrip()
            yield Trap(first, mark.start(), char, _meaning(char), whole)
            return


def _meaning(char: str) -> str:
    if char == "#":
        return "starts a comment"
    if char == ":":
        return "starts the value of another key"
    return "belongs to YAML inside `{ }` or `[ ]`"


def whole_expression(text: str, rest: str) -> str:
    """Take the expression up to the comma or bracket that belongs to YAML, as far as the line tells."""
    whole = text
    for char in rest:
        if char in ",]}" and not is_unfinished(whole):
            break
        whole += char
    return whole.rstrip()


def is_expression(text: str) -> bool:
    """A string that starts with `=` is an expression."""
    return text.startswith("=")


def is_unfinished(text: str) -> bool:
    """Tell whether an expression stops inside a quote or bracket, or after an operator."""
    bare = STRING.sub("x", text.removeprefix("=")).strip()
    if any(quote in bare for quote in "\"'`"):
        return True
    return bool(open_brackets(bare)) or DANGLING.search(bare) is not None


def open_brackets(bare: str) -> list[str]:
    """Brackets still open at the end of a text without string literals."""
    stack: list[str] = []
    for char in bare:
        if char in CLOSERS:
            stack.append(char)
        elif stack and char == CLOSERS[stack[-1]]:
            stack.pop()
    return stack


def quoted_for_yaml(expression: str) -> str | None:
    """Put quotes around an expression if one kind of quote is enough."""
    if '"' not in expression and "\\" not in expression:
        return f'"{expression}"'
    if "'" not in expression:
        return f"'{expression}'"
    return None
