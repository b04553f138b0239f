"""`Handlers`: which template deals with which objects of the source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span
    from ccproxy.mapping.check.scope import Scope
    from ccproxy.shapes.nodes import Node


@dataclass(slots=True)
class Handlers:
    places: dict[Node, tuple[int, Span]] = field(default_factory=dict)

    def note(self, scope: Scope) -> None:
        """Remember the key under which an object is current among the fewest others."""
        if not scope.whole:
            return
        width = len(scope.context.nodes)
        for node in scope.context.nodes:
            known = self.places.get(node)
            if known is None or width < known[0]:
                self.places[node] = (width, scope.anchor)
