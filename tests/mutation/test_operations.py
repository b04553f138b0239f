"""Slips in the mappings of operations besides chat are refused too: their wire side has types."""

import random

import pytest
from tests.mutation.judge import Judge, is_near
from tests.mutation.words import word_mutants

from ccproxy.datadirs import find_data_dir
from ccproxy.yamltree.nodes import MapNode

SLIPS = ("path", "key")
TRIED_OF_A_FILE = 4


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(find_data_dir("mappings"))


def test_slips_in_operations_are_refused_where_they_are(judge: Judge) -> None:
    rng = random.Random(1)
    mutants = []
    for display, file in judge.files.items():
        node = judge.nodes[display]
        if isinstance(node, MapNode) and file.kind == "operation":
            folder = judge.tree.folders[file.folder]
            templates = [*folder.transforms.values(), *(part.template for part in folder.parts.values())]
            text = file.path.read_text(encoding="utf-8")
            slips = [m for m in word_mutants(display, text, templates, node, rng) if m.kind in SLIPS]
            mutants += rng.sample(slips, min(TRIED_OF_A_FILE, len(slips)))

    missed = [f"{m.file}:{m.line} {m.what}" for m in mutants if not is_near(m, judge.problems(m))]

    assert len(mutants) > 30
    assert [] == missed
