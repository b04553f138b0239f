"""Turns of an alias's targets.

Without weights, traffic is proportional to the number of keys: a provider with three keys gets three times the traffic
of one with one, however many models it has. With weights, targets share by weight, and a provider's keys take turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from math import lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.config.model import Provider, Target


@dataclass(frozen=True, slots=True)
class Turn:
    """One provider, one of its keys (none for providers without), one of its models."""

    provider: Provider
    key_index: int
    key: str | None = field(repr=False)
    model: str


class Rotation:
    """State: whose turn is next."""

    __slots__ = ("_next", "turns")

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.turns = tuple(turns)
        self._next = cycle(self.turns)

    def next(self) -> Turn:
        """Take the next turn."""
        return next(self._next)


def build_rotation(targets: Sequence[Target], providers: Mapping[str, Provider]) -> Rotation:
    """Lay out one full round of turns, spread evenly."""
    if any(target.weight is not None for target in targets):
        return Rotation(_spread(_by_weights(targets, providers)))
    return Rotation(_spread(_by_keys(targets, providers)))


def _by_keys(targets: Sequence[Target], providers: Mapping[str, Provider]) -> Iterable[list[Turn]]:
    """Yield each provider's turns; every key goes through all models of its provider."""
    models: dict[str, list[str]] = {}
    for target in targets:
        models.setdefault(target.provider, []).append(target.model)
    rounds = lcm(*(len(names) for names in models.values()))
    for provider_name, names in models.items():
        provider = providers[provider_name]
        keys = provider.keys or (None,)
        yield [
            Turn(provider, index, key, names[(index + turn) % len(names)])
            for turn in range(rounds)
            for index, key in enumerate(keys)
        ]


def _by_weights(targets: Sequence[Target], providers: Mapping[str, Provider]) -> Iterable[list[Turn]]:
    """Yield each target's turns; its provider's keys come up equally often."""
    rounds = lcm(*(max(1, len(providers[target.provider].keys)) for target in targets))
    for target in targets:
        provider = providers[target.provider]
        keys = provider.keys or (None,)
        count = rounds * (1 if target.weight is None else target.weight)
        yield [Turn(provider, turn % len(keys), keys[turn % len(keys)], target.model) for turn in range(count)]


def _spread(shares: Iterable[list[Turn]]) -> list[Turn]:
    """Merge the shares so that each comes up at even distances."""
    placed = [
        ((position + 0.5) / len(share), number, turn)
        for number, share in enumerate(shares)
        for position, turn in enumerate(share)
    ]
    placed.sort(key=lambda entry: entry[:2])
    return [turn for _, _, turn in placed]
