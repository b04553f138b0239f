"""`python -m tests.mutation`: the table of refused mistakes by kind."""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path

from tests.mutation.judge import Judge, is_near
from tests.mutation.slips import Mutant
from tests.mutation.structure import structure_mutants
from tests.mutation.words import word_mutants

from ccproxy.datadirs import find_data_dir
from ccproxy.mapping.loader import read_tree

TYPED = ("request", "response", "stream", "error")  # kinds of files whose sources and targets all have schemas


def main() -> None:
    options = _options()
    judge = Judge(find_data_dir("mappings"))
    mutants = sample(judge.root, options.protocol, options.each, options.seed)
    results: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for mutant in mutants:
        problems = judge.problems(mutant)
        results[mutant.kind].append((bool(problems), is_near(mutant, problems)))
        if options.show and not (problems and results[mutant.kind][-1][1]):
            found = (
                "; ".join(f"{each.span.line}: {each.code} {each.message[:60]}" for each in problems[:2]) or "nothing"
            )
            print(f"{mutant.file}:{mutant.line}: {mutant.kind}: {mutant.what}  ->  {found}")
    print(table(results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation", description="Seed mistakes into shipped mappings."
    )
    parser.add_argument("--protocol", action="append", default=[], help="only this folder; repeatable")
    parser.add_argument("--each", type=int, default=8, help="mutants per kind and file (default: 8)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print those that were not refused, or not near")
    return parser.parse_args()


def sample(root: Path, folders: list[str], each: int, seed: int) -> list[Mutant]:
    """Some mutants of every kind from every mapping file."""
    rng = random.Random(seed)
    loader = read_tree([root])
    tree = loader.tree()
    chosen: list[Mutant] = []
    for folder in tree.folders.values():
        if folders and folder.name not in folders:
            continue
        templates = [*folder.transforms.values(), *(part.template for part in folder.parts.values())]
        for file in sorted({template.node.span.file for template in templates}):
            if Path(file).stem not in TYPED:
                continue
            text = Path(file).read_text(encoding="utf-8")
            found = [
                *word_mutants(file, text, templates, loader.nodes[file], rng),
                *structure_mutants(file, text, templates, rng),
            ]
            for kind in sorted({mutant.kind for mutant in found}):
                of_kind = [mutant for mutant in found if mutant.kind == kind]
                chosen += rng.sample(of_kind, min(each, len(of_kind)))
    return chosen


def table(results: dict[str, list[tuple[bool, bool]]]) -> str:
    """A Markdown table: kind, mistakes seeded, refused, told within three lines."""
    rows = ["| mistake | seeded | refused | right line |", "|---|--:|--:|--:|"]
    rows += [_row(kind, results[kind]) for kind in sorted(results)]
    rows.append(_row("all", [each for found in results.values() for each in found]))
    return "\n".join(rows)


def _row(kind: str, found: list[tuple[bool, bool]]) -> str:
    refused, near = sum(each[0] for each in found), sum(each[1] for each in found)
    return f"| {kind} | {len(found)} | {refused / len(found):.1%} | {near / max(1, refused):.1%} |"


if __name__ == "__main__":
    main()
