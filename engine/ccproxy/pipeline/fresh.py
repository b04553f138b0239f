"""What fills headers to providers that are another for every request."""

from __future__ import annotations

import secrets
import string
import uuid
from typing import TYPE_CHECKING, Final

from ccproxy.policy.conversation import conversation_of
from ccproxy.policy.headers import CONVERSATION

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.plan import Plan

_LETTERS: Final = string.ascii_letters + string.digits
RANDOM_LENGTH: Final = 8


def fresh_values(plan: Plan, request_id: str, body: JsonObject) -> dict[str, str]:
    """Return values for the placeholders of a plan's headers; none where it has no such header."""
    templates = plan.endpoint.fresh_headers.values()
    if not templates:
        return {}
    said = conversation_of(body, plan.places) if any(CONVERSATION in text for text in templates) else ""
    return {
        "uuid": str(uuid.uuid4()),
        "random": "".join(secrets.choice(_LETTERS) for _ in range(RANDOM_LENGTH)),
        "conversation": said,
        "request": request_id,
    }
