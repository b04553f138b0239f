"""Brings what servers say by themselves to the clients that it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp.server.subscriptions import ResourceUpdated

from ccproxy.mcp.questions import ask_client, ask_speaker, refusal_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server.session import ServerSession

    from ccproxy.mcp.link import Link
    from ccproxy.mcp.upstream import Upstream
    from ccproxy.mcp.view import View

LIST_CHANGES = (
    types.ToolListChangedNotification,
    types.PromptListChangedNotification,
    types.ResourceListChangedNotification,
)


class Switchboard:
    """The ears of every connection."""

    def __init__(self, upstreams: Mapping[str, Upstream], views: Mapping[str, View]) -> None:
        self._upstreams = upstreams
        self._views = views

    async def asked(self, link: Link, request: types.ServerRequest, answer: type[Any]) -> Any:
        """Answer a server's question: the client whose call is running does, when there is no doubt which."""
        call = link.call_to_ask()
        if call is not None:
            return await ask_client(call, request, answer)
        party = link.party
        if party is None or party.speaker is None:
            return types.ErrorData(
                code=types.INVALID_REQUEST,
                message="It is not clear which client to ask; `sessions: own` for this server makes it so.",
            )
        return refusal_of(party, request) or await ask_speaker(party.speaker, request, answer)

    async def heard(self, link: Link, message: types.ServerNotification) -> None:
        """Pass a notification on."""
        if isinstance(message, LIST_CHANGES):
            self._upstreams[link.name].refresh_soon()
        elif isinstance(message, types.ResourceUpdatedNotification):
            await self._updated(link, message)
        elif isinstance(message, types.LoggingMessageNotification):
            await self._log(link, message)
        elif isinstance(message, types.ElicitCompleteNotification):
            await self._tell(link, message)

    async def _updated(self, link: Link, message: types.ResourceUpdatedNotification) -> None:
        uri = message.params.uri
        for view in self._views.values():
            if not view.includes(link.name):
                continue
            await view.bus.publish(ResourceUpdated(uri=uri))
            for party in view.parties.values():
                if party.speaker is not None and any(uri.startswith(wanted) for wanted in party.subscriptions):
                    await party.speaker.send_notification(message)

    async def _log(self, link: Link, message: types.LoggingMessageNotification) -> None:
        level = message.params.level
        call = link.call_to_ask()
        if call is not None:
            if call.party.wants_level(level):
                with call.telling():
                    await call.speaker.send_notification(message, call.request_id)
            return
        for speaker in self._speakers(link, level):
            await speaker.send_notification(message)

    async def _tell(self, link: Link, message: types.ServerNotification) -> None:
        call = link.call_to_ask()
        if call is not None:
            with call.telling():
                await call.speaker.send_notification(message, call.request_id)
        elif link.party is not None and link.party.speaker is not None:
            await link.party.speaker.send_notification(message)

    def _speakers(self, link: Link, level: str) -> list[ServerSession]:
        """Return whom a message outside of any call concerns."""
        if link.party is not None:
            parties = [link.party]
        else:
            views = [view for view in self._views.values() if view.includes(link.name)]
            parties = [party for view in views for party in view.parties.values()]
        return [party.speaker for party in parties if party.speaker is not None and party.wants_level(level)]
