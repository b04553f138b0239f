"""Turns of an alias's targets.

Without weights, traffic is proportional to the number of keys: a provider with three keys gets three times the traffic
of one with one, however many models it has. With weights, targets share by weight, and a provider's keys take turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from math import lcm
from typing import TYPE_CHECKING, Final

from ccproxy.routing.shared import OwnState

if TYPE_CHECKING:
    from ccproxy.config.model import Provider, Target
    from ccproxy.routing.shared import SharedState

# At least so many turn numbers does a process take at once from those that all share, in whole rounds.
LEASED: Final = 32


@dataclass(frozen=True, slots=True)
class Turn:
    """One provider, one of its keys (none for providers without), one of its models."""

    provider: Provider
    key_index: int
    key: str | None = field(repr=False)
    model: str


class Rotation:
    """State: whose turn is next."""

    __slots__ = ("_left", "_name", "_next", "_shared", "turns")

    def __init__(self, turns: Sequence[Turn], name: str = "", shared: SharedState | None = None) -> None:
        self.turns = tuple(turns)
        self._name = name
        self._shared = shared or OwnState()
        self._next = self._left = 0

    def order(self, conversation: bytes | None = None) -> list[Turn]:
        """Take the next turn, and return it with all others in the order in which they stand in for it.

        With a conversation, its own order: the same at every time and in every process.
        """
        if conversation is not None:
            return _ranked(self.turns, conversation)
        if len(self.turns) == 1:
            return [self.turns[0]]
        start = self._number() % len(self.turns)
        return list({_identity(turn): turn for turn in (*self.turns[start:], *self.turns[:start])}.values())

    def _number(self) -> int:
        if self._left == 0:
            rounds = -(-LEASED // len(self.turns))
            self._left = rounds * len(self.turns)
            self._next = self._shared.lease(self._name, self._left)
        number = self._next
        self._next += 1
        self._left -= 1
        return number


def build_rotation(
    targets: Sequence[Target], providers: Mapping[str, Provider], name: str = "", shared: SharedState | None = None
) -> Rotation:
    """Lay out one full round of turns, spread evenly."""
    if any(target.weight is not None for target in targets):
        return Rotation(_spread(_by_weights(targets, providers)), name, shared)
    return Rotation(_spread(_by_keys(targets, providers)), name, shared)


def _ranked(turns: Sequence[Turn], conversation: bytes) -> list[Turn]:
    """Order turns by a hash of each with the conversation; a turn that comes up more often is likelier to be first."""
    best: dict[tuple[str, int, str], tuple[bytes, Turn]] = {}
    for place, turn in enumerate(turns):
        told = f"{turn.provider.name} {turn.key_index} {turn.model} {place}".encode()
        rank = blake2b(told, digest_size=8, key=conversation[:64]).digest()
        if _identity(turn) not in best or rank < best[_identity(turn)][0]:
            best[_identity(turn)] = (rank, turn)
    return [turn for _, turn in sorted(best.values(), key=lambda entry: entry[0])]


def _identity(turn: Turn) -> tuple[str, int, str]:
    return turn.provider.name, turn.key_index, turn.model


def _by_keys(targets: Sequence[Target], providers: Mapping[str, Provider]) -> Iterable[list[Turn]]:
    """Yield each provider's turns; every key goes through all models of its provider."""
    models: dict[str, list[str]] = {}
    for target in targets:
        models.setdefault(target.provider, []).append(target.model)
    rounds = lcm(*(len(names) for names in models.values()))
    for provider_name, names in models.items():
        provider = providers[provider_name]
        yield [
            Turn(provider, index, key, names[(index + turn) % len(names)])
            for turn in range(rounds)
            for index, key in enumerate(provider.keys or (None,))
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
