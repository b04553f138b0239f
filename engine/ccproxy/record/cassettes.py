"""Reads exchanges that other tools recorded: VCR cassettes (YAML or JSON) and HAR files."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class CassetteError(Exception):
    """A file that is no cassette."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One request and its answer, as they stand in the file."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes
    at: float


def read_cassette(path: Path) -> list[Exchanged]:
    """Return the exchanges of a file; raise CassetteError when it holds none."""
    said = _parsed(path)
    if not isinstance(said, dict):
        raise CassetteError(f"{path} is neither a VCR cassette nor a HAR file")
    log, interactions = said.get("log"), said.get("interactions", said.get("http_interactions"))
    try:
        if isinstance(log, dict) and isinstance(log.get("entries"), list):
            return [_har(_map(entry)) for entry in _list(log["entries"])]
        if isinstance(interactions, list):
            return [_vcr(_map(each)) for each in interactions]
    except (KeyError, ValueError, TypeError, binascii.Error) as error:
        raise CassetteError(f"{path}: {type(error).__name__}: {error}") from error
    raise CassetteError(f"{path} has neither `interactions` nor `log.entries`")


def _parsed(path: Path) -> object:
    text = path.read_bytes()
    try:
        return json.loads(text)
    except ValueError:
        pass
    from ruamel.yaml import YAML  # noqa: PLC0415  (only for cassettes in YAML)
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        return YAML(typ="safe").load(text)
    except (YAMLError, ValueError) as error:
        raise CassetteError(f"{path} is neither JSON nor YAML: {str(error).splitlines()[0]}") from error


def _har(entry: Mapping[str, object]) -> Exchanged:
    request, response = _map(entry["request"]), _map(entry["response"])
    content, posted = _map(response.get("content")), _map(request.get("postData"))
    text = str(content.get("text") or "")
    encoded = content.get("encoding") == "base64"
    started = entry.get("startedDateTime")
    return Exchanged(
        method=str(request.get("method", "POST")),
        url=str(request["url"]),
        headers=dict(_har_headers(request)),
        body=str(posted.get("text") or "").encode("utf-8", "surrogatepass"),
        status=int(str(response["status"])),
        answer_headers=dict(_har_headers(response)),
        answer=base64.b64decode(text) if encoded else text.encode("utf-8", "surrogatepass"),
        at=_seconds(started),
    )


def _har_headers(message: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for header in _list(message.get("headers")):
        said = _map(header)
        yield str(said["name"]).lower(), str(said["value"])


def _vcr(interaction: Mapping[str, object]) -> Exchanged:
    request, response = _map(interaction["request"]), _map(interaction["response"])
    status = response.get("status", response.get("status_code", 0))
    code = _map(status).get("code", 0) if isinstance(status, dict) else status
    return Exchanged(
        method=str(request.get("method", "POST")).upper(),
        url=str(request["uri"] if "uri" in request else request["url"]),
        headers=dict(_vcr_headers(request)),
        body=_vcr_body(request),
        status=int(str(code)),
        answer_headers=dict(_vcr_headers(response)),
        answer=_vcr_body(response),
        at=_seconds(interaction.get("recorded_at")),
    )


def _vcr_headers(message: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in _map(message.get("headers")).items():
        yield str(name).lower(), str(value[0] if isinstance(value, list) and value else value)


def _vcr_body(message: Mapping[str, object]) -> bytes:
    """Return a body, which tools write as text, as bytes, under `string` or `base64_string`, or parsed."""
    if message.get("parsed_body") is not None:
        return json.dumps(message["parsed_body"], ensure_ascii=False).encode()
    body = message.get("body", message.get("content"))
    if isinstance(body, dict):
        if "base64_string" in body:
            return base64.b64decode(str(body["base64_string"]))
        if body.keys() <= {"string", "encoding"}:
            body = body.get("string")
        else:
            return json.dumps(body, ensure_ascii=False).encode()
    if isinstance(body, bytes):
        return body
    return str(body or "").encode("utf-8", "surrogatepass")


def _seconds(moment: object) -> float:
    """Return a time as unix time, 0 where none is told."""
    if isinstance(moment, datetime):
        return moment.timestamp()
    try:
        return datetime.fromisoformat(str(moment)).timestamp()
    except ValueError:
        return 0.0


def _map(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
