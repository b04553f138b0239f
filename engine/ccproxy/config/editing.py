"""Edits of a configuration file by commands: what was not meant keeps every character, and a bad result is refused."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic, has_errors
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import to_json

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject

Change = Callable[["JsonObject"], None]
Check = Callable[[str], Sequence[Diagnostic]]

_BOM = "\ufeff"


class EditRefusedError(Exception):
    """Why a file was left as it was, for people; with the problems that the edit would have brought."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


def edit_config(path: Path, change: Change, check: Check) -> None:
    """Let `change` alter the file's values, and replace the file at once; raises EditRefusedError or OSError.

    `check` tells the problems of a text; an edit that brings new errors is refused, one that finds old ones is not.
    """
    file = path.resolve()  # a link stays one
    content = file.read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise EditRefusedError(f"{path} is not UTF-8 text") from error
    bom, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    edited = edited_text(text, change, path)
    if edited == text:
        return
    fresh = _new_errors(check(text), check(edited))
    if fresh:
        raise EditRefusedError(f"{path} would not be valid any more", fresh)
    if file.read_bytes() != content:
        raise EditRefusedError(f"{path} was changed by somebody else at the same time")
    replace_file(file, (bom + edited).encode())


def edited_text(text: str, change: Change, path: Path) -> str:
    """Return a text with its values changed; raises EditRefusedError when that cannot be done safely."""
    from ccproxy.yamltree.rewriting import rewrite_yaml  # noqa: PLC0415 (only commands that edit need it)

    before = _values(text, path)
    after = deepcopy(before)
    change(after)
    if after == before:
        return text
    edited = rewrite_yaml(text, before, after)
    if _values(edited, path) != after:
        raise EditRefusedError(f"{path} is written in a way that cannot be edited safely; please edit it by hand")
    return edited


def replace_file(file: Path, content: bytes) -> None:
    """Put new content in the place of a file, whole or not at all, with the mode and owner that it has."""
    known = file.stat()
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        os.chmod(name, known.st_mode & 0o7777)
        with suppress(OSError):
            os.chown(name, known.st_uid, known.st_gid)
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _values(text: str, path: Path) -> JsonObject:
    node, problems = load_yaml(path, text)
    if (
        node is None
        and text.strip()
        and not all(line.lstrip().startswith("#") for line in text.split("\n") if line.strip())
    ):
        raise EditRefusedError(f"{path} cannot be read", problems)
    values = to_json(node) if node is not None else {}
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise EditRefusedError(f"{path} is not a configuration")
    return values


def _new_errors(before: Sequence[Diagnostic], after: Sequence[Diagnostic]) -> list[Diagnostic]:
    known = Counter((problem.code, problem.message) for problem in before)
    fresh = []
    for problem in after:
        same = (problem.code, problem.message)
        if has_errors([problem]) and not known[same]:
            fresh.append(problem)
        known[same] -= 1
    return fresh
