"""Questions of a server to the client whose request it works on: sampling, elicitation, roots.

Older clients get them as requests. Newer ones get an unfinished result and send their request again with the answers;
when the server is an older one, its half-done call is parked in between.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import mcp_types as types
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from pydantic import BaseModel, TypeAdapter, ValidationError

if TYPE_CHECKING:
    from mcp.server.session import ServerSession

    from ccproxy.mcp.calls import Call
    from ccproxy.mcp.party import Party

PREFIX: Final = "ccproxy:"
MOST_PARKED: Final = 1000
PARKED_FOR_S: Final = 600.0
ANSWER_WITHIN_S: Final = 600.0
MOST_ROUNDS: Final = 10
_ONLY: Final = "input"
_INPUT: Final[TypeAdapter[Any]] = TypeAdapter(types.InputRequest)


async def ask_client(call: Call, request: types.ServerRequest, answer: type[BaseModel]) -> BaseModel | types.ErrorData:
    """Ask the client that a call came from."""
    if refusal := refusal_of(call.party, request):
        return refusal
    with call.waiting():
        if isinstance(call.asker, Parked):
            return await call.asker.ask(request, answer)
        related = ServerMessageMetadata(related_request_id=call.request_id)
        return await ask_speaker(call.speaker, request, answer, related)


async def ask_speaker(
    speaker: ServerSession,
    request: types.ServerRequest,
    answer: type[BaseModel],
    related: ServerMessageMetadata | None = None,
) -> BaseModel | types.ErrorData:
    """Send a question to a client."""
    try:
        return await speaker.send_request(request, answer, ANSWER_WITHIN_S, metadata=related)
    except MCPError as error:
        return error.error
    except ValidationError:
        return types.ErrorData(code=types.INTERNAL_ERROR, message="The client's answer was not understood.")


def refusal_of(party: Party, request: types.ServerRequest) -> types.ErrorData | None:
    """Return an error when the client cannot answer questions of this kind."""
    capability = {"sampling/createMessage": "sampling", "elicitation/create": "elicitation", "roots/list": "roots"}
    name = capability.get(request.method, "")
    if not name or getattr(party.capabilities, name) is not None:
        return None
    return types.ErrorData(code=types.METHOD_NOT_FOUND, message=f"The client does not support {name}.")


async def answer_inputs(call: Call, result: Mapping[str, Any]) -> dict[str, Any]:
    """Ask an older client everything that an unfinished result wants to know."""
    answers = {}
    for key, wanted in (result.get("inputRequests") or {}).items():
        request = _INPUT.validate_python(wanted)
        answer = await ask_client(call, request, answer_type(request))
        if isinstance(answer, types.ErrorData):
            raise MCPError.from_error_data(answer)
        answers[key] = answer.model_dump(by_alias=True, mode="json", exclude_none=True)
    return answers


def answer_type(request: types.ServerRequest) -> type[BaseModel]:
    """Return the type of the answer to a question."""
    if isinstance(request, types.CreateMessageRequest):
        return types.CreateMessageResultWithTools if request.params.tools else types.CreateMessageResult
    return types.ElicitResult if isinstance(request, types.ElicitRequest) else types.ListRootsResult


@dataclass(slots=True, eq=False)
class Question:
    """One question, and the place for its answer."""

    request: types.ServerRequest
    answer: type[BaseModel]
    answered: asyncio.Future[BaseModel | types.ErrorData]


@dataclass(slots=True, eq=False)
class Parked:
    """State of a call that waits for a newer client to come back with answers."""

    call: Call
    work: asyncio.Task[dict[str, Any]]
    questions: asyncio.Queue[Question] = field(default_factory=asyncio.Queue)
    open: Question | None = None
    expiry: asyncio.TimerHandle | None = None

    async def ask(self, request: types.ServerRequest, answer: type[BaseModel]) -> BaseModel | types.ErrorData:
        """Put a question into the client's next result."""
        question = Question(request, answer, asyncio.get_running_loop().create_future())
        await self.questions.put(question)
        return await question.answered


class Parking:
    """State: the calls that wait, by the opaque text that their clients bring back."""

    def __init__(self) -> None:
        self._parked: dict[str, Parked] = {}

    async def run(self, call: Call, work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
        """Run a call for a newer client; return its result, or what is to be answered first."""
        parked = Parked(call, asyncio.create_task(work))
        call.asker = parked
        return await self._wait(parked)

    def holds(self, state: object) -> bool:
        """Whether a request belongs to a parked call."""
        return isinstance(state, str) and state.startswith(PREFIX)

    async def resume(self, state: str, answers: object, fresh: Call) -> dict[str, Any]:
        """Go on with a call; only the key that began it may."""
        parked = self._parked.get(state)
        if parked is None or parked.call.party.key != fresh.party.key or parked.open is None:
            raise MCPError(types.INVALID_PARAMS, "This request state is unknown or has expired.")
        del self._parked[state]
        if parked.expiry is not None:
            parked.expiry.cancel()
        parked.call.speaker, parked.call.request_id = fresh.speaker, fresh.request_id
        question, parked.open = parked.open, None
        question.answered.set_result(_answer_in(question, answers))
        return await self._wait(parked)

    def close(self) -> None:
        """End everything that waits."""
        for state in list(self._parked):
            self._drop(state)

    async def _wait(self, parked: Parked) -> dict[str, Any]:
        asking = asyncio.create_task(parked.questions.get())
        try:
            await asyncio.wait({parked.work, asking}, return_when=asyncio.FIRST_COMPLETED)
            if parked.work.done():
                return parked.work.result()
            return self._park(parked, asking.result())
        except asyncio.CancelledError:
            parked.work.cancel()
            raise
        finally:
            asking.cancel()

    def _park(self, parked: Parked, question: Question) -> dict[str, Any]:
        if len(self._parked) >= MOST_PARKED:
            self._drop(next(iter(self._parked)))
        state = PREFIX + secrets.token_urlsafe(32)
        parked.open = question
        parked.expiry = asyncio.get_running_loop().call_later(PARKED_FOR_S, self._drop, state)
        self._parked[state] = parked
        request = question.request.model_dump(by_alias=True, mode="json", exclude_none=True)
        return {"resultType": "input_required", "inputRequests": {_ONLY: request}, "requestState": state}

    def _drop(self, state: str) -> None:
        parked = self._parked.pop(state, None)
        if parked is not None:
            parked.work.cancel()
            if parked.expiry is not None:
                parked.expiry.cancel()


def _answer_in(question: Question, answers: object) -> BaseModel | types.ErrorData:
    given = answers.get(_ONLY) if isinstance(answers, Mapping) else None
    try:
        return question.answer.model_validate(given)
    except ValidationError:
        return types.ErrorData(code=types.INVALID_PARAMS, message="The client's answer was not understood.")
