"""What tests read in the project's documents: fenced blocks, and sections that are generated.

A block is a file when the words before it end in its path, as in "Write `a/b.yaml`:". A `console` block is a dialogue:
lines that start with `$ ` are typed, the lines after each are what they print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
GUIDE = ROOT / "mappings" / "README.md"

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`([\w./-]+\.\w+)`:$")
COMMAND = re.compile(r"^\$ (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block; `path` is the file that it is, `line` where it begins in its page."""

    language: str
    text: str
    path: str | None
    line: int


def blocks(page: str) -> Iterator[Block]:
    """Every fenced block of a page."""
    for fence in FENCE.finditer(page):
        before = page[: fence.start()]
        named = PATH.search(before.rstrip().rpartition("\n")[2])
        yield Block(fence[1], fence[2], named[1] if named else None, before.count("\n") + 1)


def part_of(page: str, heading: str) -> str:
    """The part of a page below a heading, up to the next of its rank."""
    rank = heading.partition(" ")[0]
    _, found, rest = page.partition(f"\n{heading}\n")
    assert found, f"there is no heading `{heading}`"
    return rest.partition(f"\n{rank} ")[0]


def dialogue(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with what it prints."""
    commands = list(COMMAND.finditer(text))
    ends = [command.start() for command in commands[1:]] + [len(text)]
    for command, end in zip(commands, ends, strict=True):
        yield command[1], text[command.end() + 1 : end]


def command_of(page: str, name: str) -> str:
    """The command that a comment `<!-- command: NAME -->` marks."""
    _, found, rest = page.partition(f"<!-- command: {name} -->\n")
    assert found, f"no command is marked as `{name}`"
    return next(blocks(rest)).text.strip()


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- generated: {name} -->\n", f"<!-- end: {name} -->\n"


def section(page: str, name: str) -> str:
    """The text between the marks of a generated section."""
    start, end = _marks(name)
    assert start in page, f"no section is marked as `{name}`"
    assert end in page, f"the section `{name}` has no end"
    return page.partition(start)[2].partition(end)[0]


def with_section(page: str, name: str, text: str) -> str:
    """The page with another text in that section."""
    start, end = _marks(name)
    return page.replace(start + section(page, name) + end, start + text + end)
