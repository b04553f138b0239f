"""Whatever is in a mapping file, checking it ends in problems and never in a traceback."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.mutation.judge import Judge
from tests.mutation.slips import Mutant

from ccproxy.cli import checking
from ccproxy.cli.file_kinds import CheckedFile, schema_for
from ccproxy.datadirs import find_data_dir

ODD = ("null", "[]", "7", "'= '", "= $", "[1, {a: b}]", "{$if: true}", "{$match: = a}", "{$use: 7}", "{$let: 3}")
CHARACTERS = "{}[]:,'\"=$&|#!%@`\t\0~-"
TRIED = 40


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(find_data_dir("mappings"))


def breakages(judge: Judge, rng: random.Random) -> Iterator[Mutant]:
    """Files cut short, lines lost, characters put in, values of other kinds."""
    while True:
        display = rng.choice(list(judge.files))
        text = judge.files[display].path.read_text(encoding="utf-8")
        lines, place = text.splitlines(keepends=True), rng.randrange(len(text))
        number = rng.randrange(len(lines))
        key = lines[number].split(":")[0]
        yield Mutant("cut", display, 1, "", text[:place])
        yield Mutant("lost lines", display, 1, "", "".join(lines[:number] + lines[number + rng.randrange(1, 6) :]))
        yield Mutant("lost text", display, 1, "", text[:place] + text[place + rng.randrange(1, 20) :])
        yield Mutant("odd value", display, 1, "", text.replace(lines[number], f"{key}: {rng.choice(ODD)}\n", 1))
        yield Mutant("odd character", display, 1, "", text[:place] + rng.choice(CHARACTERS) + text[place:])


def test_broken_files_are_checked_to_the_end(judge: Judge) -> None:
    seed = random.randrange(10_000)
    print(f"seed {seed}")
    found = breakages(judge, random.Random(seed))

    for _ in range(TRIED):
        judge.problems(next(found))


def test_a_file_of_an_unknown_operation_is_told(judge: Judge) -> None:
    display = next(name for name, file in judge.files.items() if file.kind == "operation")
    file = judge.files[display]
    stranger = display.replace(file.path.stem, "telepathy")
    judge.files[stranger] = replace(file, display=stranger, path=file.path.with_stem("telepathy"))
    judge.nodes[stranger] = None
    try:
        problems = judge.validate(Mutant("", stranger, 1, "", "request:\n  to_unified: { model: = model }\n"))
    finally:
        del judge.files[stranger], judge.nodes[stranger]

    assert ["unknown operation `telepathy`"] == [each.message for each in problems if each.code == "M417"]


def test_a_modeline_of_an_unknown_schema_counts_as_none() -> None:
    path = Path("mappings/shared/words.yaml")

    assert "mapping/table" == schema_for(path, "# yaml-language-server: $schema=../x/nosuch.schema.json\n", None)


def test_a_drop_that_is_no_pointer_is_told(judge: Judge) -> None:
    display = next(name for name in judge.files if name.endswith("/request.yaml") and "drops:" in _text(judge, name))
    text = _text(judge, display)
    first = text.index("    /", text.index("drops:"))

    problems = judge.problems(Mutant("", display, 1, "", f'{text[:first]}    "": odd\n{text[first:]}'))

    assert problems


def test_a_bug_of_a_check_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_files: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(checking, "check_meaning", break_down)

    (problem,) = checking.meaning_of([CheckedFile(Path("a.yaml"), "a.yaml", "", None, None)])

    assert "B901" == problem.code
    assert "ZeroDivisionError: oh" in problem.message


def _text(judge: Judge, display: str) -> str:
    return judge.files[display].path.read_text(encoding="utf-8")
