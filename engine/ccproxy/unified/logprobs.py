"""Log probabilities of tokens, as every client can read them: each with its token, its number and a list of others."""

from __future__ import annotations

from ccproxy.jsontypes import Json


def complete_logprobs(logprobs: Json) -> Json:
    """Log probabilities `{content: [...], refusal: [...]}` without tokens that lack their text or number."""
    if not isinstance(logprobs, dict):
        return logprobs
    return {name: _tokens(said) if isinstance(said, list) else said for name, said in logprobs.items()}


def _tokens(said: list[Json]) -> list[Json]:
    return [_token(token) for token in said if _is_complete(token)]


def _token(token: Json) -> Json:
    if not isinstance(token, dict):
        return token
    others = token.get("top_logprobs")
    kept = [other for other in others if _is_complete(other)] if isinstance(others, list) else []
    return token if kept == others else {**token, "top_logprobs": kept}


def _is_complete(token: Json) -> bool:
    if not isinstance(token, dict):
        return False
    return isinstance(token.get("token"), str) and isinstance(token.get("logprob"), int | float)
