"""`python -m tests.mutation`: the table of refused mistakes by kind."""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.mutation.facts import fact_mutants
from tests.mutation.judge import Judge, is_near
from tests.mutation.slips import Mutant
from tests.mutation.structure import structure_mutants
from tests.mutation.words import word_mutants

from ccproxy.datadirs import find_data_dir
from ccproxy.mapping.files import MappingFile, find_mapping_files
from ccproxy.mapping.loader import read_tree
from ccproxy.mapping.model import Tree
from ccproxy.mapping.template import Template

FIGURES = Path(__file__).with_name("figures.json")
SHARE = 0.05  # of the many small files, for each mutant of a large one


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
    print(table(figures(results)))
    if options.write:
        said = {"seed": options.seed, "each": options.each, "kinds": figures(results)}
        FIGURES.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation", description="Seed mistakes into shipped mappings."
    )
    parser.add_argument("--protocol", action="append", default=[], help="only this folder; repeatable")
    parser.add_argument("--each", type=int, default=8, help="mutants per kind and file (default: 8)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="keep the figures, which the README shows")
    parser.add_argument("--show", action="store_true", help="print those that were not refused, or not near")
    return parser.parse_args()


def sample(root: Path, folders: list[str], each: int, seed: int) -> list[Mutant]:
    """Some mutants of every kind from every mapping file."""
    rng = random.Random(seed)
    loader = read_tree([root])
    tree = loader.tree()
    chosen: list[Mutant] = []
    for file in find_mapping_files([root]):
        node = loader.nodes[file.display]
        if folders and file.folder not in folders:
            continue
        text = file.path.read_text(encoding="utf-8")
        templates = list(_templates(tree, file))
        found = [*word_mutants(file.display, text, templates, node, rng)] if templates else []
        found += structure_mutants(file.display, text, templates, rng) if templates else ()
        found += () if templates else fact_mutants(file.display, text, node, rng)
        many = each if file.folder in tree.folders else 1
        for kind in sorted({mutant.kind for mutant in found}):
            of_kind = [mutant for mutant in found if mutant.kind == kind]
            few = rng.sample(of_kind, min(many, len(of_kind)))
            chosen += few if file.folder in tree.folders or rng.random() < each * SHARE else ()
    return chosen


def _templates(tree: Tree, file: MappingFile) -> Iterator[Template]:
    """The rules of a file."""
    folder, quirk = tree.folders.get(file.folder), tree.quirks.get(file.path.stem)
    if file.kind == "quirk" and quirk:
        yield from quirk.edits.values()
    elif folder and file.kind != "protocol":
        roots = [*folder.transforms.values(), *(part.template for part in folder.parts.values())]
        yield from (root for root in roots if root.node.span.file == file.display)


def figures(results: dict[str, list[tuple[bool, bool]]]) -> dict[str, list[int]]:
    """For each kind how many mistakes were seeded, refused, and told near their line."""
    return {
        kind: [len(found), sum(each[0] for each in found), sum(each[0] and each[1] for each in found)]
        for kind, found in sorted(results.items())
    }


def table(kinds: dict[str, list[int]]) -> str:
    """A Markdown table: kind, mistakes seeded, refused, told within three lines."""
    rows = ["| mistake | seeded | refused | right line |", "|---|--:|--:|--:|"]
    rows += [_row(kind, found) for kind, found in kinds.items()]
    rows.append(_row("all", [sum(column) for column in zip(*kinds.values(), strict=True)]))
    return "\n".join(rows)


def _row(kind: str, found: list[int]) -> str:
    seeded, refused, near = found
    return f"| {kind} | {seeded} | {refused / seeded:.1%} | {near / max(1, refused):.1%} |"


if __name__ == "__main__":
    main()
