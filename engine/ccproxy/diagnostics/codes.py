"""The registry of diagnostic codes. Numbers are explicit and never reused."""

import textwrap
from collections.abc import Mapping
from types import MappingProxyType

from ccproxy.diagnostics.catalogue.configuration import CONFIGURATION
from ccproxy.diagnostics.catalogue.entry import CodeInfo
from ccproxy.diagnostics.catalogue.example import EXAMPLE
from ccproxy.diagnostics.catalogue.expression import EXPRESSION
from ccproxy.diagnostics.catalogue.meaning import MEANING
from ccproxy.diagnostics.catalogue.own import OWN
from ccproxy.diagnostics.catalogue.shape import SHAPE
from ccproxy.diagnostics.catalogue.style import STYLE
from ccproxy.diagnostics.catalogue.yaml_text import YAML_TEXT

LINE_WIDTH = 100
FAMILIES = (YAML_TEXT, SHAPE, EXPRESSION, MEANING, EXAMPLE, CONFIGURATION, STYLE, OWN)
CODES: Mapping[str, CodeInfo] = MappingProxyType({info.code: info for family in FAMILIES for info in family})


def explain(code: str) -> str:
    """The text of `ccproxy explain CODE`; raises KeyError for an unknown code."""
    info = CODES[code.upper()]
    return (
        f"{info.code}: {info.title}\n\n{textwrap.fill(info.explanation, LINE_WIDTH)}\n\n"
        f"Wrong:\n{_indented(info.bad)}\n\nRight:\n{_indented(info.good)}\n"
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
