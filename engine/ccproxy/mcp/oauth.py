"""Tokens for remote servers that want OAuth: the SDK's flow, with what it gets kept in the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

if TYPE_CHECKING:
    import httpx2
    from mcp.client.auth import AuthorizationCodeResult

    from ccproxy.config.mcp_settings import McpServer
    from ccproxy.mcp.store import Store

AuthOf: TypeAlias = "Callable[[McpServer], httpx2.Auth | None]"
REDIRECT: Final = "http://127.0.0.1:11435/callback"


class KeptTokens(TokenStorage):
    """The SDK's view of the store."""

    def __init__(self, store: Store, server: str, client_id: str = "") -> None:
        self._store = store
        self._server = server
        self._client_id = client_id

    async def get_tokens(self) -> OAuthToken | None:
        """Return the tokens."""
        kept = self._store.find_tokens(self._server, "tokens")
        return None if kept is None else OAuthToken.model_validate_json(kept)

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Keep tokens."""
        self._store.save_tokens(self._server, "tokens", tokens.model_dump_json().encode())

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """Return how the proxy is registered; a client that is configured needs no registration."""
        if self._client_id:
            given = {"client_id": self._client_id, "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"}
            return OAuthClientInformationFull.model_validate(given)
        kept = self._store.find_tokens(self._server, "client")
        return None if kept is None else OAuthClientInformationFull.model_validate_json(kept)

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Keep the registration."""
        self._store.save_tokens(self._server, "client", client_info.model_dump_json().encode())


def auth_for(
    server: McpServer,
    store: Store,
    show: Callable[[str], Awaitable[None]] | None = None,
    wait: Callable[[], Awaitable[AuthorizationCodeResult]] | None = None,
) -> httpx2.Auth | None:
    """Return the way to authorize requests to a server; only the command line can show a person a page."""
    oauth = server.oauth
    if oauth is None or not server.url:
        return None
    if oauth.client_secret:
        kept = KeptTokens(store, server.name)
        return ClientCredentialsOAuthProvider(
            server.url, kept, oauth.client_id, oauth.client_secret, issuer=oauth.issuer
        )
    storage = KeptTokens(store, server.name, oauth.client_id)
    metadata: dict[str, Any] = {"client_name": "ccproxy", "redirect_uris": [REDIRECT]}
    return OAuthClientProvider(
        server.url, OAuthClientMetadata.model_validate(metadata), storage, show or _nobody_to_show(server.name), wait
    )


def _nobody_to_show(name: str) -> Callable[[str], Awaitable[None]]:
    async def show(_url: str) -> None:
        raise PermissionError(f"log in first: ccproxy mcp login {name}")

    return show
