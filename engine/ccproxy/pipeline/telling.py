"""What listeners and clients are told of the tries of a request; never a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

from ccproxy.pipeline.reply import header_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccproxy.pipeline.plan import Plan
    from ccproxy.pipeline.stages import Stages
    from ccproxy.routing.facts import Attempt


def tell_request(stages: Stages, attempt: int, request: bytes, plan: Plan) -> None:
    """Tell a listener what is sent to a provider."""
    endpoint, secret = plan.endpoint, {name.lower() for name in plan.target.auth.upstream}
    head, _, body = endpoint.without_key(request).partition(b"\r\n\r\n")
    line, *fields = head.decode("utf-8", "replace").split("\r\n")
    target = line.split(" ")[1]
    url = target if "://" in target else f"{URL(endpoint.provider.base_url).origin()}{target}"
    headers = {name: value for name, _, value in (field.partition(": ") for field in fields) if name not in secret}
    stages.upstream_request(attempt, url, headers, body)


def attempts_line(earlier: Sequence[Attempt], plan: Plan, status: int, outcome: str = "") -> bytes:
    """Return the header that names every try with its status, or what went wrong where there was none."""
    tries = [f"{each.provider}/{each.model} {each.status or each.outcome}" for each in earlier]
    tries.append(f"{plan.endpoint.provider.name}/{plan.model} {status or outcome}")
    return header_line("x-ccproxy-attempts", ", ".join(tries))
