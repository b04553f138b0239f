"""One line per request: who asked, who answered, how long it took, what it cost. Never a key, never a prompt."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from orjson import dumps

from ccproxy.server.log_file import LogFile

if TYPE_CHECKING:
    from ccproxy.config.model import LogSettings
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.routing.facts import Attempt, RequestFacts

Write = Callable[[bytes], None]

# Clients choose these at will; a line stays a line.
LONGEST_TEXT: Final = 200
MOST_DROPPED: Final = 20
_PLAIN: Final = re.compile(r"[\w./:@*?+,~#-]+")


class RequestLog:
    """An observer of requests that writes their lines."""

    def __init__(self, settings: LogSettings, write: Write | None = None) -> None:
        self._write = write or _writer(settings)
        self._render = render_json if settings.format == "json" else render_text

    def __call__(self, facts: RequestFacts) -> None:
        """Write the line of one request."""
        self._write(self._render(fields_of(facts)))


def fields_of(facts: RequestFacts) -> JsonObject:
    """Return what the log says of a request, in order; what is unknown or empty is left out."""
    fields: JsonObject = {
        "time": _moment(facts.arrived_at),
        "request": facts.request_id,
        "method": facts.method,
        "path": _cut(facts.path),
        "status": facts.status,
        "error": facts.error,
        "cut": facts.cut,
        "key": facts.key,
        "client": facts.client,
        "operation": facts.operation,
        "group": facts.group,
        "alias": facts.alias,
        "asked": _cut(facts.asked_model),
        "provider": facts.provider,
        "model": _cut(facts.model),
        "way": facts.way,
        "stream": facts.stream,
        "first_byte_ms": _ms(facts.first_byte_s),
        "ms": _ms(facts.seconds),
        "tokens": {name: count for name, count in facts.usage.items() if isinstance(count, int) and count},
        "attempts": [_attempt(attempt) for attempt in facts.attempts],
        "tools_run": [f"{_cut(run.name)} {run.outcome} {_ms(run.seconds)}ms" for run in facts.tool_runs],
        "dropped": [_cut(pointer) for pointer in facts.dropped[:MOST_DROPPED]],
    }
    return {name: value for name, value in fields.items() if value is not False and value not in ("", None, [], {})}


def render_json(fields: JsonObject) -> bytes:
    """Return the fields as an object on one line."""
    return dumps(fields) + b"\n"


def render_text(fields: JsonObject) -> bytes:
    """Return the time, then the fields as `name=value`; lists are joined by commas."""
    told = [str(fields.get("time", ""))]
    told += [f"{name}={_text(value)}" for name, value in fields.items() if name != "time"]
    return " ".join(told).encode() + b"\n"


def write_logs_to_stderr() -> None:
    """Send warnings and errors of all parts to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger("ccproxy")
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    root.propagate = False


def _writer(settings: LogSettings) -> Write:
    if settings.file:
        return LogFile(settings.file, settings.max_file_bytes, settings.keep_files).write
    return _write_to_stderr


def _write_to_stderr(line: bytes) -> None:
    sys.stderr.buffer.write(line)
    sys.stderr.buffer.flush()


def _attempt(attempt: Attempt) -> JsonObject:
    told: JsonObject = {
        "provider": attempt.provider,
        "model": _cut(attempt.model),
        "key": attempt.key_index,
        "status": attempt.status,
        "outcome": attempt.outcome,
        "ms": _ms(attempt.seconds),
    }
    if attempt.waited_s:
        told["waited_ms"] = _ms(attempt.waited_s)
    return told


def _text(value: Json) -> str:
    """Return a value as one word, or in quotes where it is more than one."""
    if isinstance(value, dict):
        word = ",".join(f"{name}:{inner}" for name, inner in value.items())
    elif isinstance(value, list):
        word = ",".join(_short_attempt(item) if isinstance(item, dict) else str(item) for item in value)
    else:
        word = str(value).lower() if isinstance(value, bool) else str(value)
    return word if _PLAIN.fullmatch(word) else dumps(word).decode()


def _short_attempt(attempt: JsonObject) -> str:
    how = attempt["status"] or attempt["outcome"]
    return f"{attempt['provider']}/{attempt['model']}#{attempt['key']}:{how}:{attempt['ms']}ms"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


def _moment(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
