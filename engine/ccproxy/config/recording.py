"""How traffic is written down: the keys of `log` that are about files and what is taken out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.config.section import Reading, Section

# What can be taken out; keys always are.
KINDS: Final = ("keys", "emails", "user_ids", "paths")


@dataclass(frozen=True, slots=True)
class RedactionSettings:
    """What to take out of sessions besides keys; `patterns`, `fields`, `words` and `headers` add to the rules."""

    emails: bool = True
    user_ids: bool = True
    paths: bool = True
    prose: bool = False
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()

    @property
    def has_custom(self) -> bool:
        """Whether there are rules of the user's own."""
        return bool(self.words or self.patterns or self.fields)


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """Bounds of what is written, in bytes; 0 is no bound."""

    max_session_bytes: int = 16 * 1024 * 1024
    max_total_bytes: int = 512 * 1024 * 1024
    redact: RedactionSettings = field(default_factory=RedactionSettings)


def read_recording(section: Section, reading: Reading) -> RecordingSettings:
    """Read the keys of `log` that are about written traffic."""
    default = RecordingSettings()
    return RecordingSettings(
        max_session_bytes=section.size("max_session", default.max_session_bytes),
        max_total_bytes=section.size("max_total", default.max_total_bytes),
        redact=_read_redaction(section.section("redact"), reading),
    )


def _read_redaction(section: Section, reading: Reading) -> RedactionSettings:
    default = RedactionSettings()
    settings = RedactionSettings(
        emails=section.flag("emails", default.emails),
        user_ids=section.flag("user_ids", default.user_ids),
        paths=section.flag("paths", default.paths),
        prose=section.flag("prose", default.prose),
        words=section.texts("words"),
        patterns=tuple(_read_patterns(section, reading)),
        fields=section.texts("fields"),
        headers=section.texts("headers"),
    )
    section.finish()
    return settings


def _read_patterns(section: Section, reading: Reading) -> Iterator[str]:
    node = section.get("patterns")
    for text in section.texts("patterns"):
        try:
            re.compile(text)
        except re.error as error:
            if node is not None:
                reading.report("S205", f"`{text}` is no regular expression: {error}", node, label="cannot be read")
        else:
            yield text
