"""What the proxy tells of itself: is it well, which configuration is in force, what went wrong with the next one."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ccproxy import __version__
from ccproxy.diagnostics.render import as_json

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.server.current import Current, Trouble


def public_status(current: Current) -> JsonObject:
    """Return what anybody may know."""
    return {
        "status": "stopping" if current.stopping else "ok",
        "configuration": {"version": current.version.number, "since": moment(current.version.since)},
        "reload": {"ok": current.trouble is None},
    }


def full_status(current: Current) -> JsonObject:
    """Return everything but keys."""
    version = current.version
    restart: list[Json] = [*current.restart_needed()]
    return {
        **public_status(current),
        "version": __version__,
        "process": os.getpid(),
        "group": version.config.active_group,
        "log": log_status(current),
        "set_by_hand": current.switches.as_json(),
        "reload": _trouble(current.trouble),
        "restart_needed": restart,
        "resting": {**version.tools.health.resting()},
        **({} if (mcp := current.mcp_status()) is None else {"mcp": mcp}),
    }


def log_status(current: Current) -> JsonObject:
    """Return what is written about requests; `record` is about the folder of `--record`."""
    log, traffic = current.version.config.log, current.lasting.traffic
    records = traffic.record_to is not None and current.switches.record is not False
    return {"requests": log.requests, "traffic": log.traffic, "record": records}


def moment(unix: float) -> str:
    """Return a time for people and programs."""
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _trouble(trouble: Trouble | None) -> JsonObject:
    if trouble is None:
        return {"ok": True}
    told: list[Json] = [{**as_json(problem)} for problem in trouble.diagnostics]
    message = f"{len(told)} problems" if told else trouble.message
    return {"ok": False, "at": moment(trouble.at), "message": message, "diagnostics": told}
