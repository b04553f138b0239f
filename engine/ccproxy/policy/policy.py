"""`Policy`: everything that a group and an alias set, ready to be applied to requests.

converted   client's body -> unified -> limit -> normal form -> prompt -> upstream's body -> parameters
direct      client's body ------------- on_wire ------------------------------------------> parameters
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from ccproxy.mapping.keycase import camel_body
from ccproxy.policy.context_limit import ContextLimit, estimate_tokens
from ccproxy.policy.places import UNIFIED
from ccproxy.policy.prompting import inject, replace_words
from ccproxy.policy.sampling import Sampling
from ccproxy.policy.settle import settle
from ccproxy.policy.tool_filter import drop_tools, has_tools

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.policy.context_limit import CountTokens
    from ccproxy.policy.names import NamePatterns
    from ccproxy.policy.parameters import Parameter
    from ccproxy.policy.places import Places
    from ccproxy.policy.prompting import Injection, Replacement

_NO_SAMPLING: Final = Sampling()


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings of one alias, those of its group included. Bodies that are given stay as they are.

    `tool_mode` and `headers` (templates, see upstream/placeholders.py) are only kept here.
    """

    injection: Injection | None = None
    replacements: tuple[Replacement, ...] = ()
    dropped_tools: NamePatterns | None = None
    sampling: Sampling = _NO_SAMPLING
    context: ContextLimit | None = None
    changes: tuple[Parameter, ...] = ()
    tool_mode: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def limits_requests(self) -> bool:
        """Whether `limit` does anything."""
        return self.dropped_tools is not None or self.context is not None or self.sampling != _NO_SAMPLING

    @property
    def edits_prompts(self) -> bool:
        """Whether `prompt` does anything."""
        return self.injection is not None or bool(self.replacements)

    @property
    def edits_bodies(self) -> bool:
        """Whether a request cannot be passed on without looking into it."""
        return self.limits_requests or self.edits_prompts or bool(self.changes)

    def for_model(self, asked: str) -> Policy:
        """Return the policy for the name that a client asked for, since a prompt may be for some of them only."""
        injection = self.injection
        if injection is None or injection.models is None or injection.models.match(asked):
            return self
        return replace(self, injection=None)

    def limit(self, unified: JsonObject, count: CountTokens = estimate_tokens) -> JsonObject:
        """Drop tools, settle the sampling, bound the context; best before the normal form, which renames tools."""
        return self._limited(unified, UNIFIED, count) if self.limits_requests else unified

    def prompt(self, unified: JsonObject, with_tools: bool) -> JsonObject:
        """Change the prompts of a request in normal form; `with_tools` tells whether it offers any."""
        return self._prompted(unified, UNIFIED, with_tools) if self.edits_prompts else unified

    def on_wire(self, body: JsonObject, places: Places | None, count: CountTokens = estimate_tokens) -> JsonObject:
        """Do both to a body in a protocol of its own, whose places are known; names in two cases become one."""
        if places is None or not self.edits_bodies:
            return body
        if places.keep is not None:
            body = camel_body(body, places.keep)
        body = self._limited(body, places, count)
        return self._prompted(body, places, has_tools(body, places))

    def parameters(self, body: JsonObject) -> JsonObject:
        """Change fields of the body that the provider gets, after everything else."""
        for change in self.changes:
            body = change.applied(body)
        return body

    def _limited(self, body: JsonObject, places: Places, count: CountTokens) -> JsonObject:
        if self.dropped_tools is not None:
            body = drop_tools(body, self.dropped_tools, places)
        if self.sampling != _NO_SAMPLING:
            body = settle(body, self.sampling, places)
        return body if self.context is None else self.context.fitted(body, places, count)

    def _prompted(self, body: JsonObject, places: Places, with_tools: bool) -> JsonObject:
        if self.replacements:
            body = replace_words(body, self.replacements, places)
        if self.injection is not None and (with_tools or self.injection.always):
            body = inject(body, self.injection, places)
        return body


# What an alias has that sets nothing: check for it by identity.
NO_POLICY: Final = Policy()
