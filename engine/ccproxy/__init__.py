"""ccproxy: any AI client, any model, conversions written as YAML."""

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["Engine", "__version__"]

if TYPE_CHECKING:
    from ccproxy.mapping.engine import Engine


def __getattr__(name: str) -> object:
    """Load the engine on first use, so that `import ccproxy` stays cheap."""
    if name != "Engine":
        raise AttributeError(f"module 'ccproxy' has no attribute {name!r}")
    from ccproxy.mapping.engine import Engine

    return Engine
