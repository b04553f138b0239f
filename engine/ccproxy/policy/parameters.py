"""`parameters:` of a group: changes to the body that the provider gets, whatever its protocol.

enable_thinking: false                      sets a field at the top
/options/num_ctx: { default: 32768 }        sets a field that the request has not, at a JSON pointer
logit_bias: { delete: true }                removes a field
thinking: { set: { default: 1 } }           sets a value that looks like one of these forms
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ccproxy.policy.pointers import Steps, read, removed, written

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject


class Form(Enum):
    """What happens in a place."""

    SET = "set"
    DEFAULT = "default"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One change of a body."""

    steps: Steps
    form: Form
    value: Json = None

    def applied(self, body: JsonObject) -> JsonObject:
        """Return the body with this change."""
        if self.form is Form.DELETE:
            return removed(body, self.steps)
        if self.form is Form.DEFAULT and read(body, self.steps) is not None:
            return body
        return written(body, self.steps, deepcopy(self.value))


def build_parameter(steps: Steps, value: Json) -> Parameter:
    """Return the change that a value of the configuration means."""
    if isinstance(value, dict) and len(value) == 1:
        word, inner = next(iter(value.items()))
        if word in ("set", "default") or (word == "delete" and inner is True):
            return Parameter(steps, Form(word), None if word == "delete" else inner)
    return Parameter(steps, Form.SET, value)
