"""How many examples: few at each commit, thousands with `--hypothesis-profile nightly`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, settings

NIGHTLY = "nightly"
PROTOCOLS = ("claude", "cohere", "gemini", "ollama", "openai-chat", "openai-responses")
# Of each of the six properties, for each protocol.
AT_NIGHT, AT_A_COMMIT = 2_200, 12


def some_examples() -> settings:
    """Settings of a property: the same examples at each commit, unshrunk, others each night.

    A failing example is printed with the line that makes it again.
    """
    is_night = settings.get_current_profile_name() == NIGHTLY
    return settings(
        max_examples=AT_NIGHT if is_night else AT_A_COMMIT,
        derandomize=not is_night,
        deadline=None,
        phases=list(Phase) if is_night else [Phase.generate],
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


@dataclass(slots=True)
class Tally:
    """What became of the examples, so that a property cannot hold because nothing was converted."""

    outcomes: Counter[str] = field(default_factory=Counter)

    def note(self, outcome: str) -> None:
        self.outcomes[outcome] += 1

    def check_share(self, outcome: str, least: float) -> None:
        assert self.outcomes[outcome] >= least * self.outcomes.total() > 0, self.outcomes
