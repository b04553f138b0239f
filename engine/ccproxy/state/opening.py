"""From the `state:` of a configuration to a `State`.

Without one, state lives in memory for as long as the process: limits and totals work, rows of usage are not kept.
Several workers without one share a file in the folder for temporary files, which goes when they have ended.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ccproxy.config.state import FILE_SCHEME, MEMORY, is_known_place
from ccproxy.state.state import State
from ccproxy.state.store import StoreError


def open_state(address: str | None, folder: Path) -> State:
    """Open the state; raises StoreError. File names are relative to the folder of the configuration."""
    file = file_of(address, folder)
    if file is None:
        return State()
    from ccproxy.state.database import Database  # noqa: PLC0415 (memory needs no sqlite3)

    return State(Database(file))


def file_of(address: str | None, folder: Path) -> Path | None:
    """Return the file that an address means, None for memory; raises StoreError for what there is not."""
    if address is None or address == MEMORY:
        return None
    if not is_known_place(address):
        raise StoreError(f"state cannot be kept in `{address.partition('//')[0]}…` yet; use `{FILE_SCHEME}ccproxy.db`")
    return folder / address.removeprefix(FILE_SCHEME)


@contextmanager
def shared_address(address: str | None, folder: Path, workers: int) -> Iterator[str | None]:
    """Give workers that have no address of their own a file for as long as they run."""
    if workers < 2 or file_of(address, folder) is not None:
        yield address
        return
    with tempfile.TemporaryDirectory(prefix="ccproxy-") as place:
        yield f"{FILE_SCHEME}{Path(place) / 'state.db'}"
