"""ccproxy: any AI client, any model, conversions written as YAML."""

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["Engine", "MappingError", "MappingFailure", "RequestRejected", "UpstreamError", "__version__"]

if TYPE_CHECKING:
    from ccproxy.conversion.engine import Engine
    from ccproxy.conversion.errors import MappingError, MappingFailure, RequestRejected, UpstreamError


def __getattr__(name: str) -> object:
    """Load the engine on first use, so that `import ccproxy` stays cheap."""
    if name not in __all__:
        raise AttributeError(f"module 'ccproxy' has no attribute {name!r}")
    from ccproxy.conversion import engine, errors

    return engine.Engine if name == "Engine" else getattr(errors, name)
