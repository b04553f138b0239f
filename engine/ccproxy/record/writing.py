"""Sessions to folders. A folder appears under its name only when it is complete."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.record.session import FORMAT, META, Answered, Body, Session, Try
from ccproxy.record.yaml_text import to_yaml

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

MODELINE: Final = "# yaml-language-server: $schema=https://ccproxy.dev/schemas/recording.schema.json\n"
UNFINISHED: Final = ".unfinished-"
_PRIVATE: Final = 0o700
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")
_SUFFIXES: Final = {"text/event-stream": "sse", "application/x-ndjson": "ndjson", "application/jsonl": "ndjson"}


class FolderWriter:
    """State of one session folder while it is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def meta(self, session: Session) -> JsonObject:
        """Write every body; return what session.yaml says."""
        asked = session.asked
        return _present(
            {
                "recording": FORMAT,
                "id": session.id,
                "recorded_at": iso_time(session.recorded_at),
                "operation": session.operation,
                "way": session.way,
                "stream": session.stream,
                "asked_model": session.asked_model,
                "error": session.error,
                "complete": session.complete,
                **session.facts,
                "client": {
                    "protocol": asked.protocol,
                    "method": asked.method,
                    "path": asked.path,
                    "headers": {**asked.headers},
                    "body": self._request("client_request", asked.body),
                },
                "tries": [self._try(number, each) for number, each in enumerate(session.tries, 1)],
                "answer": self._answer("client_answer", session.answered),
                "redaction": {**session.redaction},
            }
        )

    def _try(self, number: int, one: Try) -> JsonObject:
        ending = "" if number == 1 else f"_{number}"
        unified = None
        if one.unified is not None:
            unified = self._write(f"unified_request{ending}.json", pretty(one.unified))
        return _present(
            {
                "provider": one.provider,
                "protocol": one.protocol,
                "model": one.model,
                "url": one.url,
                "outcome": one.outcome,
                "quirks": [*one.quirks],
                "headers": {**one.headers},
                "unified": unified,
                "unified_edits": [*one.unified_edits],
                "body": self._request(f"upstream_request{ending}", one.request) if one.request else None,
                "request_edits": [*one.request_edits],
                "answer": self._answer(f"upstream_answer{ending}", one.answer) if one.answer.status else None,
            }
        )

    def _answer(self, stem: str, answer: Answered) -> JsonObject:
        body = answer.body
        told: JsonObject = {"status": answer.status, "headers": {**answer.headers}}
        if body is None:
            return told
        told["body"] = self._write(f"{stem}.{_suffix(answer.headers, body.data)}", body.data)
        told["pieces"] = [[round(piece.seconds, 4), piece.size] for piece in body.pieces]
        return told

    def _request(self, stem: str, body: Body) -> str | None:
        """Write a request's body in a form for people where it is JSON."""
        if not body.data:
            return None
        try:
            data = pretty(json.loads(body.data))
        except (ValueError, RecursionError):
            return self._write(f"{stem}.txt", body.data)
        return self._write(f"{stem}.json", data)

    def _write(self, name: str, data: bytes) -> str:
        (self._folder / name).write_bytes(data)
        return name


def write_session(folder: Path, session: Session) -> Path:
    """Write a session into a new folder below the given one; return it."""
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    name = _free_name(folder, session)
    unfinished = folder / f"{UNFINISHED}{os.getpid()}-{name}"
    unfinished.mkdir(mode=_PRIVATE)
    try:
        _fill(unfinished, session)
        final = folder / name
        unfinished.rename(final)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return final


def rewrite_session(folder: Path, session: Session) -> None:
    """Replace what a folder says by a session."""
    for path in folder.iterdir():
        if path.name.startswith(("client_", "unified_", "upstream_")):
            path.unlink()
    _fill(folder, session)


def iso_time(seconds: float) -> str:
    """Return a unix time for people."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pretty(value: Json) -> bytes:
    """Return JSON for people; lone surrogates survive as escapes."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value, indent=2).encode() + b"\n"


def _fill(folder: Path, session: Session) -> None:
    meta = FolderWriter(folder).meta(session)
    (folder / META).write_text(MODELINE + to_yaml(meta), "utf-8", errors="replace")


def _free_name(folder: Path, session: Session) -> str:
    moment = iso_time(session.recorded_at).replace(":", "-").removesuffix("Z")
    upstream = session.tries[-1].protocol if session.tries else ""
    words = [moment, session.asked.protocol, *(["to", upstream] if upstream else []), session.id[-8:]]
    name = _ODD.sub("-", "_".join(word for word in words if word))
    names = (name, *(f"{name}_{number}" for number in range(2, 1000)))
    return next(each for each in names if not (folder / each).exists())


def _present(value: JsonObject) -> JsonObject:
    """Return the fields that say something."""
    return {name: item for name, item in value.items() if item not in (None, "", [], {})}


def _suffix(headers: Mapping[str, str], data: bytes) -> str:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _SUFFIXES:
        return _SUFFIXES[kind]
    if data.lstrip()[:1] in (b"{", b"["):
        return "json"
    return "sse" if data.lstrip().startswith((b"data:", b"event:")) else "txt"
