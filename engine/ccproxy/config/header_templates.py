"""`headers:` of providers, groups and aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.policy.headers import FIXED, FRESH, is_header_name, placeholders
from ccproxy.yamltree.nodes import Node, ScalarNode

if TYPE_CHECKING:
    from ccproxy.config.section import Reading, Section

KEY = "key"


def read_headers(section: Section, reading: Reading, with_key: bool) -> dict[str, str]:
    """Read headers by their names; only a provider's own may hold its key."""
    known = (FIXED | FRESH) - (set() if with_key else {KEY})
    headers = {}
    for name, node in section.entries():
        text = reading.text(node, f"headers.{name}")
        if not is_header_name(name):
            entry = section.node.entry(name) if section.node else None
            reading.report(
                "S205", f"`{name}` cannot be set as a header", entry.key if entry else node, label="no header"
            )
        elif text is not None:
            headers[name] = text
            _check_placeholders(node, known, reading)
    return headers


def _check_placeholders(node: Node, known: frozenset[str], reading: Reading) -> None:
    if not isinstance(node, ScalarNode):
        return
    for name, offset in placeholders(node.text):
        if node.text[max(0, offset - 1) : offset] != "$" and name not in known:
            reading.report_at(
                "S204",
                f"unknown placeholder `{{{name}}}`",
                node.place(offset, len(name) + 2),
                label="nothing fills this",
                note=f"placeholders are {quoted_list(sorted(known), 'and')}",
                suggestion=closest(name, known) or "",
            )
