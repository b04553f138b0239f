"""What was captured, without secrets, as a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from orjson import JSONDecodeError, loads

from ccproxy.record.edits import edits_between
from ccproxy.record.redaction import Redactor
from ccproxy.record.session import Answered, Asked, Body, Piece, Session, Try

if TYPE_CHECKING:
    from ccproxy.config.model import Provider
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.record.capture import Capture, RawBody, RawTry
    from ccproxy.record.rules import Rules
    from ccproxy.routing.facts import Attempt, RequestFacts


@dataclass(frozen=True, slots=True)
class Known:
    """What the configuration knows of: providers, their keys, and digests of the keys that clients present."""

    providers: Mapping[str, Provider]
    secrets: frozenset[str] = frozenset()
    digests: frozenset[bytes] = frozenset()


def assemble(capture: Capture, facts: RequestFacts, rules: Rules, known: Known) -> Session:
    """Make the session of a request that is over."""
    redactor = Redactor(rules, known.secrets, known.digests)
    redactor.learn(capture.headers, capture.path)
    for one in capture.tries.values():
        redactor.learn(one.headers, one.url)
    asked = Asked(
        facts.client,
        capture.method,
        redactor.url(capture.path),
        redactor.headers(capture.headers),
        Body(redactor.body(capture.body, whole=capture.complete).data),
    )
    attempts = dict(enumerate(facts.attempts))
    tries = [_try(one, attempts.get(number), capture, redactor, known) for number, one in sorted(capture.tries.items())]
    head = redactor.headers(parse_head(capture.head))
    answered = Answered(capture.status, head, _body(capture.answer, redactor, capture.complete))
    return Session(
        id=redactor.text(facts.request_id),
        recorded_at=facts.arrived_at,
        operation=facts.operation,
        way=facts.way,
        stream=facts.stream,
        asked=asked,
        tries=tuple(tries),
        answered=answered,
        asked_model=redactor.text(facts.asked_model),
        error=facts.error,
        complete=capture.complete and not facts.cut,
        facts=_facts_for_people(facts, redactor),
        redaction={"rules": [*rules.names], "replaced": dict(redactor.masks.counts)},
    )


def parse_head(head: bytes) -> dict[str, str]:
    """Return header lines as a mapping; a status line is none."""
    lines = head.decode("utf-8", "replace").split("\r\n")
    pairs = (line.split(":", 1) for line in lines if ":" in line and not line.startswith("HTTP/"))
    return {name.strip().lower(): value.strip() for name, value in pairs}


def _try(one: RawTry, attempt: Attempt | None, capture: Capture, redactor: Redactor, known: Known) -> Try:
    name = attempt.provider if attempt else ""
    provider = known.providers.get(name)
    whole = capture.complete
    unified = [_object(redactor.body(body, whole=whole).data) for body in one.unified]
    requests = [redactor.body(body, whole=whole).data for body in one.requests]
    answer = _body(one.answer, redactor, whole) if one.status else None
    return Try(
        provider=name,
        protocol=provider.protocol if provider else "",
        model=redactor.text(attempt.model) if attempt else "",
        url=redactor.url(one.url),
        outcome=attempt.outcome if attempt else "",
        quirks=provider.quirks if provider else (),
        headers=redactor.headers(one.headers),
        unified=unified[-1] if unified else None,
        request=Body(requests[-1]) if requests else None,
        unified_edits=_edits(unified),
        request_edits=_edits([_object(body) for body in requests]),
        answer=Answered(one.status, redactor.headers(one.answer_headers), answer),
    )


def _edits(told: list[JsonObject | None]) -> list[JsonObject]:
    """Return what policies changed between the first telling and the last."""
    if len(told) < 2 or told[0] is None or told[-1] is None:
        return []
    return edits_between(told[0], told[-1])


def _body(raw: RawBody, redactor: Redactor, whole: bool) -> Body:
    cuts = list(accumulate(len(piece) for piece in raw.pieces))
    data, moved = redactor.body(b"".join(raw.pieces), cuts, whole)
    sizes = [end - start for start, end in zip([0, *moved], moved, strict=False)]
    return Body(data, tuple(Piece(seconds, size) for seconds, size in zip(raw.seconds, sizes, strict=True)))


def _object(data: bytes) -> JsonObject | None:
    try:
        value = loads(data)
    except JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _facts_for_people(facts: RequestFacts, redactor: Redactor) -> dict[str, Json]:
    """Return what is known besides; names of fields and models are the client's own words."""
    times: JsonObject = {"seconds": round(facts.seconds, 4)}
    if facts.first_byte_s is not None:
        times["first_byte"] = round(facts.first_byte_s, 4)
    said: dict[str, Json] = {
        "status": facts.status,
        "key": facts.key,
        "group": facts.group,
        "alias": facts.alias,
        "provider": facts.provider,
        "model": redactor.text(facts.model),
        "cut": facts.cut or None,
        "dropped": [redactor.text(name) for name in facts.dropped],
        "usage": facts.usage,
        "times": times,
    }
    return {name: value for name, value in said.items() if value not in (None, "", [], {})}
