"""Places of keys in the YAML that a template was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.yamltree.nodes import MapNode

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span
    from ccproxy.mapping.template import Template


def key_span(template: Template, key: str) -> Span | None:
    """The place of a directive of the template."""
    entry = template.node.entry(key) if isinstance(template.node, MapNode) else None
    return entry.key.span if entry else None
