"""How an answer ended, judged by what is in it."""

from __future__ import annotations

from ccproxy.unified.model import Stop


def final_stop(stop: Stop | None, *, has_calls: bool) -> Stop:
    """An end with client calls is a stop for tools, and a stop for tools without calls a natural end.

    Clients act on the reason: without it calls are never run (acceptance case P19), and with it but without
    calls they wait for ever.
    """
    if stop is None:
        return {"reason": "tool_call" if has_calls else "end"}
    if stop["reason"] in ("end", "malformed_call") and has_calls:
        return {**stop, "reason": "tool_call"}
    if stop["reason"] == "tool_call" and not has_calls:
        return {**stop, "reason": "end"}
    return stop
