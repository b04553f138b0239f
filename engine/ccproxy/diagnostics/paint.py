"""Colours of the terminal, or none."""

from dataclasses import dataclass

RESET = "\x1b[0m"
RED, YELLOW, BLUE, CYAN, BOLD = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1;36m", "\x1b[1m"


@dataclass(frozen=True, slots=True)
class Paint:
    """Wraps pieces of text in colour when `colour` is on."""

    colour: bool
    severity: str = "error"

    def severe(self, text: str) -> str:
        return self._wrap(text, RED if self.severity == "error" else YELLOW)

    def title(self, text: str) -> str:
        return self._wrap(text, BOLD)

    def gutter(self, text: str) -> str:
        return self._wrap(text, BLUE)

    def keyword(self, text: str) -> str:
        return self._wrap(text, CYAN)

    def mark(self, text: str, mark: str) -> str:
        return self.severe(text) if mark == "^" else self.gutter(text)

    def _wrap(self, text: str, code: str) -> str:
        return f"{code}{text}{RESET}" if self.colour and text else text
