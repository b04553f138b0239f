"""The page for Prometheus: its text format 0.0.4, written here since it is small.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from ccproxy.state import totals

if TYPE_CHECKING:
    from ccproxy.state.state import State
    from ccproxy.state.store import Counts

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_HELP: Final = {
    totals.REQUESTS: "Requests that have ended; status 499: the client left",
    totals.CUT: "Streams that began and did not reach their end",
    totals.ATTEMPTS: "Tries with providers, failed ones included",
    totals.DROPPED: "Fields of requests that a provider could not take",
    totals.TOKENS: "Tokens by kind; reasoning is part of output",
    totals.COST: "US dollars, for models whose price is known",
    totals.LOST: "Rows of usage that could not be stored",
    totals.SECONDS: "Time until a request has ended",
    totals.FIRST_BYTE: "Time until the answer begins",
}
_HISTOGRAMS: Final = (totals.SECONDS, totals.FIRST_BYTE)
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def render_metrics(state: State, now: float, gauges: Mapping[str, float] | None = None) -> bytes:
    """Return the page: totals of all workers, who rests, and further gauges by name.

    May wait for the database, so that it belongs into a thread; raises StoreError when there is no reading it.
    """
    counts = state.totals()
    lines: list[str] = []
    for what in _HELP:
        kind = "histogram" if what in _HISTOGRAMS else "counter"
        name = _name(what) if kind == "histogram" else f"{_name(what)}_total"
        lines += [f"# HELP {name} {_HELP[what]}", f"# TYPE {name} {kind}"]
        lines += _histogram(name, what, counts) if kind == "histogram" else _counter(name, what, counts)
    lines += _resting(state.shared.rests(), now)
    for name, value in (gauges or {}).items():
        lines += [f"# TYPE ccproxy_{name} gauge", f"ccproxy_{name} {_number(value)}"]
    return ("\n".join(lines) + "\n").encode()


def _counter(name: str, what: str, counts: Counts) -> Iterator[str]:
    found = sorted((who, amount) for (kind, who, _), amount in counts.items() if kind == what)
    if not found and not totals.LABELS[what]:
        found = [(totals.key_of(()), 0.0)]
    for who, amount in found:
        yield f"{name}{_labels(what, who)} {_number(amount)}"


def _histogram(name: str, what: str, counts: Counts) -> Iterator[str]:
    for who in sorted({who for kind, who, _ in counts if kind == what}):
        below = 0.0
        for number, bound in enumerate((*totals.BUCKETS_S, None)):
            below += counts.get((what, who, number), 0.0)
            edge = "+Inf" if bound is None else f"{bound:g}"
            yield f"{name}_bucket{_labels(what, who, [('le', edge)])} {_number(below)}"
        yield f"{name}_sum{_labels(what, who)} {_number(counts.get((what, who, totals.SUM), 0.0))}"
        yield f"{name}_count{_labels(what, who)} {_number(below)}"


def _resting(rests: Mapping[str, float], now: float) -> Iterator[str]:
    yield "# HELP ccproxy_resting_seconds Time for which a key or target of a provider is left alone"
    yield "# TYPE ccproxy_resting_seconds gauge"
    for who, until in sorted(rests.items()):
        if until > now:
            yield f'ccproxy_resting_seconds{{target="{who.translate(_ESCAPES)}"}} {_number(until - now)}'


def _labels(what: str, who: str, more: Iterable[tuple[str, str]] = ()) -> str:
    named = [*zip(totals.LABELS[what], totals.labels_of(who), strict=True), *more]
    inner = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in named)
    return f"{{{inner}}}" if inner else ""


def _name(what: str) -> str:
    return f"ccproxy_{what.removeprefix(totals.PREFIX)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
