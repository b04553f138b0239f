"""What fills the placeholders of headers that are another for every request."""

from __future__ import annotations

import secrets
import string
from typing import Final
from uuid import uuid4

_CHARACTERS: Final = string.ascii_letters + string.digits


def fresh_values(request_id: str, conversation: str) -> dict[str, str]:
    """Return a value for each; requests without a conversation are one each."""
    return {
        "uuid": str(uuid4()),
        "random": "".join(secrets.choice(_CHARACTERS) for _ in range(8)),
        "request": request_id,
        "conversation": conversation or request_id,
    }
