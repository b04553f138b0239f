"""Is a provider there, does it take each key, does it know the models: asked with requests of a few tokens."""

from __future__ import annotations

import email.utils
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from yarl import URL

from ccproxy.cli.findings import Finding, State
from ccproxy.config.access import is_loopback
from ccproxy.config.model import SAME_MODEL
from ccproxy.diagnostics.suggest import closest

if TYPE_CHECKING:
    from ccproxy.cli.asking import Answer, Asker
    from ccproxy.config.model import Config, Provider
    from ccproxy.config.model_facts import ModelBook
    from ccproxy.config.presets import Preset

# Signed requests and tokens with a date are refused from about this on.
LARGEST_SKEW_S: Final = 60.0
LONGEST_QUOTE: Final = 300
_STRANGE_PATH: Final = frozenset({404, 405})


async def check_providers(
    config: Config, presets: Mapping[str, Preset], asker: Asker, book: ModelBook
) -> AsyncIterator[tuple[Finding, Answer | None]]:
    """Yield what is found for each key of each provider, one after the other."""
    for provider in config.providers.values():
        model = model_to_ask(config, provider, presets, book)
        if model is None:
            said = f"{provider.protocol}: no alias names a model of it, so none was asked"
            yield Finding(provider.name, State.DOUBTFUL, said, "name one: an alias with `PROVIDER/MODEL`"), None
            continue
        keys: tuple[str | None, ...] = provider.keys or (None,)
        for number, key in enumerate(keys, 1):
            answer = await asker.chat(provider, key, model)
            known = await _known_models(asker, provider, key, answer, book)
            where = f" with key {number} of {len(keys)}" if len(keys) > 1 else ""
            yield judge(provider, model, answer, where, known), answer


def model_to_ask(config: Config, provider: Provider, presets: Mapping[str, Preset], book: ModelBook) -> str | None:
    """Return a model of a provider: the first that an alias names, else the preset's, else any that is known."""
    targets = [target for group in config.groups.values() for alias in group.aliases for target in alias.targets]
    for target in targets:
        if target.provider == provider.name and target.model != SAME_MODEL:
            return target.model
    preset = presets.get(provider.name)
    if preset is not None and preset.default_model:
        return preset.default_model
    return next(iter(book.names(provider)), None)


def judge(provider: Provider, model: str, answer: Answer, where: str, known: list[str]) -> Finding:
    """Return what an answer means, and what can be done about a bad one."""
    asked = f"{provider.protocol}, {model}{where}"
    if answer.error is None:
        return Finding(provider.name, State.GOOD, f"{asked}: {answer.status} in {answer.seconds:.2f} s")
    status = f"{answer.status} in {answer.seconds:.2f} s" if answer.status else "no answer"
    said = " ".join(str(answer.error.get("message", "")).split())[:LONGEST_QUOTE]
    kind = str(answer.error.get("kind"))
    state = State.DOUBTFUL if kind in ("rate_limit", "overloaded") else State.BROKEN
    return Finding(provider.name, state, f"{asked}: {status}: {said}", _advice(provider, model, answer, kind, known))


def clock_finding(answers: list[Answer], now: float | None = None) -> Finding | None:
    """Compare the clock with the `Date` of answers that just came; None when none tells it."""
    dates = [date for answer in answers if (date := _date(answer.headers.get("date", "")))]
    if not dates:
        return None
    skew = min((date - (time.time() if now is None else now) for date in dates), key=abs)
    if abs(skew) <= LARGEST_SKEW_S:
        return Finding("clock", State.GOOD, "as the providers' clocks")
    way = "behind" if skew > 0 else "ahead of"
    return Finding("clock", State.DOUBTFUL, f"{abs(skew):.0f} s {way} the providers'", "set it, or let NTP do so")


async def _known_models(
    asker: Asker, provider: Provider, key: str | None, answer: Answer, book: ModelBook
) -> list[str]:
    """Return the models that there are, when the one that was asked seems not to be among them."""
    if not _is_unknown(answer):
        return []
    listed = (await asker.models(provider, key))[1] if asker.has_model_list(provider) else []
    return [str(model["id"]) for model in listed] or [*book.names(provider)]


def _is_unknown(answer: Answer) -> bool:
    kind = answer.error.get("kind") if answer.error else None
    return kind in ("not_found", "invalid_request") or answer.status in _STRANGE_PATH


def _advice(provider: Provider, model: str, answer: Answer, kind: str, known: list[str]) -> str:
    if not answer.status:
        return "".join(_unreached(provider, kind))
    if kind in ("authentication", "permission"):
        return "check the key, and that its account may use this model" if provider.keys else "it wants a key: `keys:`"
    if kind == "billing":
        return "the account has no credit left"
    if _is_unknown(answer) and known and model not in known:
        near = closest(model, known)
        return f"it has no model `{model}`; " + (
            f"did you mean `{near}`?" if near else "see `ccproxy models --upstream`"
        )
    if answer.status in _STRANGE_PATH:
        return "check the model's name, and the path of `base_url`"
    if kind == "rate_limit":
        return "the key works, but not now; more keys are used in turn"
    return "try again later" if kind in ("server", "overloaded", "timeout") else ""


def _unreached(provider: Provider, kind: str) -> Iterator[str]:
    if is_loopback(URL(provider.base_url).host or ""):
        yield f"is it running? nothing useful answers at {URL(provider.base_url).with_user(None)}"
    elif kind == "timeout":
        yield "check the network and HTTPS_PROXY; --timeout gives it longer"
    else:
        yield "check `base_url`, the network and HTTPS_PROXY"


def _date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None
