"""The type of argparse's verbs, which has no public name."""

from argparse import ArgumentParser, _SubParsersAction
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Subparsers: TypeAlias = _SubParsersAction[ArgumentParser]
else:
    Subparsers = _SubParsersAction
