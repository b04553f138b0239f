"""One line per request on standard error: named fields, never a key, never a prompt."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final

from orjson import dumps

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.pipeline.plan import Plan
    from ccproxy.pipeline.reply import Reply

log: Final = logging.getLogger("ccproxy.requests")


def log_request(request: BaseRequest, reply: Reply, plan: Plan | None, seconds: float) -> None:
    """Write the line of one request; status 499 means that the client left before the end."""
    fields: dict[str, str | int | float] = {
        "request": reply.request_id,
        "method": request.method,
        "path": request.raw_path.partition("?")[0],
        "status": reply.status if reply.ended else 499,
        "ms": round(seconds * 1000, 1),
    }
    if plan is not None:
        fields |= {
            "client": plan.source.name,
            "provider": plan.endpoint.provider.name,
            "model": plan.model,
            "how": "direct" if plan.direct else "converted",
        }
    log.info("%s", dumps(fields).decode())


def write_logs_to_stderr(requests: bool) -> None:
    """Send log records to standard error: problems always, requests when they are asked for."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger("ccproxy")
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    root.propagate = False
    log.setLevel(logging.INFO if requests else logging.WARNING)
