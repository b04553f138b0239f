"""The `state:` key: where usage, limits and turns are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.config.section import Reading, Section

MEMORY: Final = "memory:"
FILE_SCHEME: Final = "sqlite:///"


def read_state(root: Section, reading: Reading) -> str | None:
    """Read the address; one that nothing can open is reported here, not when the server starts."""
    node, address = root.get("state"), root.text("state")
    if node is not None and address is not None and not is_known_place(address):
        reading.report(
            "S205",
            f"`state` cannot be `{address.partition('//')[0]}…` yet",
            node,
            label="nothing can open this",
            help=f"write `{FILE_SCHEME}ccproxy.db`, which the workers of one host share, or `{MEMORY}`",
        )
        return None
    return address


def is_known_place(address: str) -> bool:
    """Whether an address names memory or a file."""
    return address == MEMORY or (address.startswith(FILE_SCHEME) and len(address) > len(FILE_SCHEME))
