"""All helpers: importing this module fills `HELPERS`."""

from __future__ import annotations

from ccproxy.expr.helpers import arrays, choice, data_uris, encoding, floats, json_text, objects, schemas, text, times
from ccproxy.expr.helpers.registry import HELPERS, Helper, describe_helpers

MODULES = (arrays, choice, data_uris, encoding, floats, json_text, objects, schemas, text, times)

__all__ = ["HELPERS", "MODULES", "Helper", "describe_helpers"]
