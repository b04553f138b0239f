"""jsonata-python's parser, with `??` and `?:` repaired. Importing this module imports jsonata-python.

Both operators let two branches of the tree share their left side. The parser's second pass then adds the predicates of
that side twice, so that `a[1] ?? 'x'` reads `a[1][1]`. Here each branch owns its copy.
"""

from __future__ import annotations

import copy
import threading
from functools import lru_cache

from jsonata.parser import Parser


class _Coalesce(Parser.InfixCoalesce):  # type: ignore[misc]  # the library has no types
    def led(self, left: Parser.Symbol) -> Parser.Symbol:
        symbol = super().led(left)
        symbol.then = _own_copy(left)
        return symbol


class _Default(Parser.InfixDefault):  # type: ignore[misc]
    def led(self, left: Parser.Symbol) -> Parser.Symbol:
        symbol = super().led(left)
        symbol.then = _own_copy(left)
        return symbol


def _own_copy(symbol: Parser.Symbol) -> Parser.Symbol:
    parser = symbol._outer_instance
    return copy.deepcopy(symbol, {id(parser): parser})


def _repaired(kind: type[Parser.Infix], parser: Parser, name: str) -> Parser.Symbol:
    binding = parser.symbol_table[name].lbp
    symbol = kind(parser, binding)
    symbol.value = symbol.id = name
    symbol.lbp = binding
    return symbol


def parse_symbols(text: str) -> Parser.Symbol:
    """Return jsonata-python's own tree of the expression."""
    parser = _parser(threading.get_ident())
    parser.ancestry, parser.errors = [], []
    parser.ancestor_label = parser.ancestor_index = 0
    return parser.parse(text)


@lru_cache(maxsize=8)
def _parser(_thread: int) -> Parser:
    """A parser keeps state while it parses, and takes longer to make than most expressions to parse."""
    parser = Parser()
    for name, kind in (("??", _Coalesce), ("?:", _Default)):
        parser.symbol_table[name] = _repaired(kind, parser, name)
    return parser
