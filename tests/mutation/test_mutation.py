"""The checker refuses nearly every slip of the hand in a shipped mapping (a small sample; `python -m tests.mutation`)."""

from ccproxy.datadirs import find_data_dir
from tests.mutation.__main__ import sample
from tests.mutation.judge import Judge, is_near

WORDS = {"path", "key", "function", "variable", "part", "directive"}


def test_slips_in_words_are_refused_where_they_are():
    judge = Judge(find_data_dir("mappings"))
    folder = sorted(judge.root.glob("*/error.yaml"))[0].parent.name
    mutants = [mutant for mutant in sample(judge.root, [folder], 1, seed=1) if mutant.kind in WORDS]

    refused = [mutant for mutant in mutants if is_near(mutant, judge.problems(mutant))]

    assert len(mutants) > 15
    assert len(refused) / len(mutants) >= 0.95
