"""A file of lines that is set aside when it is full; several processes may write to the same one."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # no such locks on this system; there is one process there, too
    fcntl = None  # type: ignore[assignment]

log: Final = logging.getLogger("ccproxy")


class LogFile:
    """State: the open file. Lines go out whole and at once, since each is one write to the end of the file."""

    def __init__(self, path: str, max_bytes: int, keep: int) -> None:
        self._path = Path(path)
        self._max_bytes = max_bytes
        self._keep = keep
        self._file = -1
        self._failed = False

    def write(self, line: bytes) -> None:
        """Write a line; a file that cannot be written is told of once, and requests go on."""
        try:
            self._open_right_file()
            os.write(self._file, line)
            self._failed = False
        except OSError as error:
            if not self._failed:
                log.warning("cannot write to %s: %s", self._path, error.strerror)
            self._failed = True

    def _open_right_file(self) -> None:
        """Open the file where it is not open; one that is full, or that another process set aside, is left."""
        if self._file < 0:
            self._open()
        status = os.fstat(self._file)
        if status.st_size >= self._max_bytes:
            self._set_aside(status)
            self._open()
        elif not _is_at(self._path, status):
            self._open()

    def _open(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _set_aside(self, full: os.stat_result) -> None:
        """Rename `x.log` to `x.log.1`, that one to `x.log.2` and so on, unless somebody else just did."""
        with _locked(self._path.with_name(self._path.name + ".lock")):
            if not _is_at(self._path, full):
                return
            for number in range(self._keep, 0, -1):
                older = self._numbered(number)
                with suppress(FileNotFoundError):
                    os.replace(self._numbered(number - 1) if number > 1 else self._path, older)

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


class _locked:  # noqa: N801
    """A lock between processes, held while a block runs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_how: object) -> None:
        os.close(self._file)


def _is_at(path: Path, status: os.stat_result) -> bool:
    try:
        now = path.stat()
    except OSError:
        return False
    return (now.st_dev, now.st_ino) == (status.st_dev, status.st_ino)
