"""What to take out of sessions and what to overlook when they are compared: facts of `mappings/recording/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from ccproxy.config.recording import KINDS, RedactionSettings
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import to_json

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

FOLDER: Final = "recording"
NOTHING: Final = re.compile(r"(?!)")


class RulesError(Exception):
    """A file of rules that cannot be used."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Which fields hold what people and models say, and which never do."""

    fields: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    blobs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """How sessions are redacted; `patterns` and `fields` are by kind, `prose` is None when it stays."""

    headers: re.Pattern[str]
    credentials: re.Pattern[str]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    fields: Mapping[tuple[str, ...], str]
    words: tuple[str, ...] = ()
    prose: Prose | None = None
    channels: frozenset[str] = frozenset()
    blank: re.Pattern[bytes] | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Normalisation:
    """Names of fields whose values two runs need not share; `filling` makes sides alike of which one has no prose."""

    ids: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    noise: frozenset[str] = frozenset()
    filling: Rules | None = None


@dataclass(frozen=True, slots=True)
class _Facts:
    """One file of facts, read with care."""

    said: Mapping[str, Json] = field(default_factory=dict)

    def names(self, *path: str) -> tuple[str, ...]:
        value: Json = cast("Json", self.said)
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return tuple(str(item) for item in value) if isinstance(value, list) else ()


def load_rules(folders: Sequence[Path], settings: RedactionSettings) -> Rules:
    """Read the rules of the last folder that has some, as far as the settings ask for them."""
    facts = _Facts(_read(folders, "redaction"))
    kinds = [kind for kind in KINDS if kind == "keys" or getattr(settings, kind)]
    patterns = [(kind, _pattern(text)) for kind in kinds for text in facts.names("patterns", kind)]
    patterns += [("custom", _pattern(text)) for text in settings.patterns]
    fields = {_last_names(name): kind for kind in kinds for name in facts.names("fields", kind)}
    fields |= {_last_names(name): "custom" for name in settings.fields}
    blank = "|".join(map(re.escape, facts.names("blank")))
    return Rules(
        headers=_globs([*facts.names("headers"), *settings.headers]),
        credentials=_globs(facts.names("credentials")),
        patterns=tuple(patterns),
        fields=fields,
        words=settings.words,
        prose=_prose(facts) if settings.prose else None,
        channels=frozenset(facts.names("channels")),
        blank=re.compile(rf'"(?:{blank})"\s*:\s*(\[[0-9,\s]*\])'.encode()) if blank else None,
        names=(*kinds, *(["prose"] if settings.prose else []), *(["custom"] if settings.has_custom else [])),
    )


def load_filling(folders: Sequence[Path]) -> Rules:
    """Read rules that replace prose and nothing else: what two sides of a comparison get when one was filled."""
    facts = _Facts(_read(folders, "redaction"))
    channels = frozenset(facts.names("channels"))
    return Rules(NOTHING, NOTHING, (), {}, prose=_prose(facts), channels=channels)


def load_normalisation(folders: Sequence[Path]) -> Normalisation:
    """Read what comparisons overlook."""
    facts = _Facts(_read(folders, "normalisation"))
    ids, times, noise = (frozenset(facts.names(name)) for name in ("ids", "times", "noise"))
    return Normalisation(ids, times, noise, load_filling(folders))


def _prose(facts: _Facts) -> Prose:
    return Prose(*(frozenset(facts.names("prose", name)) for name in ("fields", "below", "keep", "blobs")))


def _last_names(name: str) -> tuple[str, ...]:
    """Return the path's end that a field rule stands for; one that begins with `/` is a whole path."""
    return tuple(name.split("/"))


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise RulesError(f"the redaction pattern `{text}` is no regular expression: {error}") from error


def _globs(globs: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(glob) for glob in globs) or NOTHING.pattern, re.IGNORECASE)


def _read(folders: Sequence[Path], name: str) -> JsonObject:
    """Return a file of rules; without one nothing may be written, so that is an error."""
    found = [path for folder in folders if (path := folder / FOLDER / f"{name}.yaml").is_file()]
    if not found:
        places = ", ".join(str(folder / FOLDER) for folder in folders)
        raise RulesError(f"there is no {name}.yaml in {places}")
    node, problems = load_yaml(found[-1])
    said = to_json(node) if node is not None else None
    if problems or not isinstance(said, dict):
        raise RulesError(f"{found[-1]}: {problems[0].message if problems else 'no mapping'}")
    return said
