"""Recorded exchanges of the shared folder beside the project. Nothing of them is kept here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[3] / "shared" / "recordings"


@dataclass(frozen=True)
class Recording:
    """One exchange: what a client asked and what the provider answered."""

    name: str
    protocol: str
    request: dict[str, Any] | None
    status: int
    body: Any
    raw: bytes | None

    @property
    def is_stream(self) -> bool:
        return self.raw is not None


def load_recording(path: Path) -> Recording:
    said = json.loads(path.read_bytes())
    request, response = said["request"].get("body"), said["response"]
    raw = response.get("raw")
    return Recording(
        name=path.relative_to(SHARED).as_posix(),
        protocol=said["protocol"],
        request=request if isinstance(request, dict) else None,
        status=response["status"],
        body=response.get("body"),
        raw=raw.encode() if isinstance(raw, str) else None,
    )


def recordings(protocol: str) -> list[Recording]:
    """Every exchange of a protocol that asks for an answer of a model; none when the folder is absent."""
    found = [load_recording(path) for path in sorted((SHARED / protocol).glob("*/*.json"))]
    return [recording for recording in found if "counttokens" not in recording.name]


def answers(protocol: str) -> list[Recording]:
    """What models answered; not what hosts say about models."""
    return [r for r in recordings(protocol) if r.is_stream or is_answer(protocol, r.body or {})]


def is_answer(protocol: str, body: dict[str, Any]) -> bool:
    return body.get("object") == "response" if protocol == "openai-responses" else "license" not in body
