"""The checker refuses nearly every slip of the hand in a shipped mapping. `python -m tests.mutation` tries more."""

from tests.mutation.__main__ import sample
from tests.mutation.judge import Judge, is_near

from ccproxy.datadirs import find_data_dir

WORDS = {"path", "key", "function", "variable", "part", "directive"}


def test_slips_in_words_are_refused_where_they_are():
    judge = Judge(find_data_dir("mappings"))
    folder = min(judge.root.glob("*/error.yaml")).parent.name
    mutants = [mutant for mutant in sample(judge.root, [folder], 1, seed=1) if mutant.kind in WORDS]

    refused = [mutant for mutant in mutants if is_near(mutant, judge.problems(mutant))]

    assert len(mutants) > 15
    assert len(refused) / len(mutants) >= 0.95
