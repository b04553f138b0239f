"""Folders to sessions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.record.session import FORMAT, META, Answered, Asked, Body, Piece, Session, Try
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import to_json

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

# What a Session has fields for; the rest of session.yaml is for people.
_KNOWN: Final = frozenset(
    [
        "recording",
        "id",
        "recorded_at",
        "operation",
        "way",
        "stream",
        "asked_model",
        "error",
        "complete",
        "client",
        "tries",
        "answer",
        "redaction",
    ]
)


class SessionError(Exception):
    """A folder that holds no usable session."""


def find_sessions(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield every session folder at or below the paths, oldest first."""
    for path in paths:
        if path.name == META and path.is_file():
            yield path.parent
        elif path.is_dir():
            metas = path.rglob(META)
            yield from sorted(meta.parent for meta in metas if not any(_hidden(meta, path)))


def read_session(folder: Path) -> Session:
    """Read one session; raise SessionError with what is wrong."""
    path = folder / META
    node, problems = load_yaml(path)
    said = to_json(node) if node is not None else None
    if problems or not isinstance(said, dict):
        raise SessionError(f"{path}: {problems[0].message if problems else 'no mapping'}")
    if said.get("recording") != FORMAT:
        raise SessionError(f"{path}: `recording` is {said.get('recording')!r}, and this ccproxy reads {FORMAT}")
    try:
        return _session(folder, said)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise SessionError(f"{path}: {type(error).__name__}: {error}") from error


def _session(folder: Path, said: JsonObject) -> Session:
    client = _map(said["client"])
    tries = said.get("tries")
    return Session(
        id=str(said["id"]),
        recorded_at=datetime.fromisoformat(str(said["recorded_at"])).timestamp(),
        operation=str(said.get("operation", "")),
        way=str(said.get("way", "")),
        stream=said.get("stream") is True,
        asked=Asked(
            str(client["protocol"]),
            str(client.get("method", "POST")),
            str(client.get("path", "")),
            _texts(client.get("headers")),
            Body(_bytes(folder, client.get("body"))),
        ),
        tries=tuple(_try(folder, _map(each)) for each in tries) if isinstance(tries, list) else (),
        answered=_answered(folder, _map(said.get("answer"))),
        asked_model=str(said.get("asked_model", "")),
        error=str(said.get("error", "")),
        complete=said.get("complete") is not False,
        facts={name: value for name, value in said.items() if name not in _KNOWN},
        redaction=_map(said.get("redaction")),
    )


def _try(folder: Path, said: Mapping[str, Json]) -> Try:
    quirks, body, unified = said.get("quirks"), said.get("body"), said.get("unified")
    return Try(
        provider=str(said["provider"]),
        protocol=str(said["protocol"]),
        model=str(said.get("model", "")),
        url=str(said.get("url", "")),
        outcome=str(said.get("outcome", "")),
        quirks=tuple(map(str, quirks)) if isinstance(quirks, list) else (),
        headers=_texts(said.get("headers")),
        unified=json.loads(_bytes(folder, unified)) if unified else None,
        request=Body(_bytes(folder, body)) if body else None,
        unified_edits=_objects(said.get("unified_edits")),
        request_edits=_objects(said.get("request_edits")),
        answer=_answered(folder, _map(said.get("answer"))),
    )


def _answered(folder: Path, said: Mapping[str, Json]) -> Answered:
    status, pieces = said.get("status"), said.get("pieces")
    cuts = (
        tuple(Piece(float(str(piece[0])), int(str(piece[1]))) for piece in pieces if isinstance(piece, list))
        if isinstance(pieces, list)
        else ()
    )
    body = Body(_bytes(folder, said["body"]), cuts) if "body" in said else None
    return Answered(status if isinstance(status, int) else 0, _texts(said.get("headers")), body)


def _bytes(folder: Path, name: Json) -> bytes:
    """Return a file of the session, which may not lie elsewhere."""
    if not name:
        return b""
    path = folder / str(name)
    if path.parent != folder:
        raise ValueError(f"`{name}` is no file of this folder")
    return path.read_bytes()


def _hidden(meta: Path, root: Path) -> Iterator[bool]:
    yield from (part.startswith(".") for part in meta.relative_to(root).parts)


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _texts(value: Json) -> Mapping[str, str]:
    return {name: str(text) for name, text in _map(value).items()}


def _objects(value: Json) -> tuple[JsonObject, ...]:
    return tuple(each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
