"""One entry of the code registry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """A code with the text of `ccproxy explain`: what happened, why it matters, wrong and right."""

    code: str
    title: str
    explanation: str
    bad: str
    good: str
