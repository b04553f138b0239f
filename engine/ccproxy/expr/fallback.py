"""Evaluation by jsonata-python, for what is not compiled. It is imported when first needed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import ModuleType

from ccproxy.expr.missing import Value


@lru_cache(maxsize=1)
def _border() -> ModuleType:
    return importlib.import_module("ccproxy.expr.border")


def reference(name: str, context: Value, *arguments: object) -> Value:
    """Call a built-in function of jsonata-python; it takes the context where a first argument does not fit."""
    result: Value = _border().builtin(name, context, arguments)
    return result


class Fallback:
    """An expression that is evaluated, not compiled."""

    name = "fallback"

    def __init__(self, text: str, functions: Mapping[str, Callable[..., Value]]) -> None:
        self.text = text
        self._functions = functions
        self._evaluator: object = None

    def __call__(self, context: Value, variables: Mapping[str, Value]) -> Value:
        border = _border()
        self._evaluator = self._evaluator or border.evaluator(self.text)
        result: Value = border.evaluate(self._evaluator, context, variables, self._functions)
        return result
