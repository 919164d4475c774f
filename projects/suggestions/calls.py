"""One POST whose answer is read as it comes. Every way in which a connection goes wrong ends in time, in a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from typing import Any, TypeVar, cast

import httpx

from projects.suggestions import addresses
from projects.suggestions.events import BackendFailed, Limits, quoted, shortened

T = TypeVar("T")

EXPLANATION_BYTES = 2000  # of an error page that are read
EXPLANATION_SECONDS = 2.0  # for which it is waited
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/x-ndjson",
    "Accept-Encoding": "identity",  # what is compressed cannot be bounded before it is unpacked
    "User-Agent": "colabel",
}


@functools.cache
def tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes as long as many calls."""
    return ssl.create_default_context()


@contextlib.asynccontextmanager
async def posted(url: str, body: Mapping[str, Any], limits: Limits) -> AsyncIterator[httpx.Response]:
    """Send `body`; gives the response when its headers are here. Leaving closes the connection at once."""
    address = addresses.checked(url)
    timeout = httpx.Timeout(None, connect=limits.connect_seconds)
    # trust_env would let a proxy or a .netrc of the server's speak up.
    async with httpx.AsyncClient(verify=tls(), timeout=timeout, trust_env=False, follow_redirects=False) as client:
        request = client.build_request("POST", address, content=json.dumps(body).encode(), headers=HEADERS)
        response = await _in_words(client.send(request, stream=True), address, limits, "said nothing")
        try:
            yield response
        finally:
            await response.aclose()


async def chunks(response: httpx.Response, limits: Limits, alive: Silence) -> AsyncGenerator[bytes, None]:
    """The answer's bytes as they come. `alive` is told by the reader when a whole line was among them."""
    address = response.request.url
    source = cast(AsyncGenerator[bytes, None], response.aiter_raw())
    async with contextlib.aclosing(source):
        while chunk := await _in_words(anext(source, b""), address, limits, "fell silent", alive.deadline()):
            yield chunk


class Silence:
    """When the backend last said something whole. Single bytes are no sign of life: a drip would last for ever."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._since = 0.0
        self.heard()

    def heard(self) -> None:
        self._since = asyncio.get_running_loop().time()

    def deadline(self) -> float:
        return self._since + self._idle_seconds


async def _in_words(
    call: Awaitable[T], address: httpx.URL, limits: Limits, silent: str, deadline: float | None = None
) -> T:
    """Await a step of the call; what goes wrong is said in words."""
    when = deadline if deadline is not None else asyncio.get_running_loop().time() + limits.idle_seconds
    try:
        async with asyncio.timeout_at(when):
            return await call
    except TimeoutError:
        raise BackendFailed(f"The backend {silent} for {limits.idle_seconds:g} seconds.") from None
    except httpx.ConnectTimeout:
        raise BackendFailed(
            f"{addresses.shown(address)} did not take the connection within {limits.connect_seconds:g} seconds."
        ) from None
    except httpx.ConnectError as error:
        raise BackendFailed(_not_connected(error, addresses.shown(address))) from None
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
        raise BackendFailed(_cut(error)) from None
    except httpx.HTTPError as error:
        raise BackendFailed(
            f"The call of the backend failed: {shortened(str(error) or type(error).__name__, 200)}."
        ) from None


def _not_connected(error: httpx.ConnectError, where: str) -> str:
    """Name, refusal, certificate: the cause lies some exceptions deep."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The certificate of {where} cannot be trusted: {shortened(cause.verify_message, 150)}."
        if isinstance(cause, ssl.SSLError):
            return f"{where} does not speak TLS as expected: {shortened(cause.reason or str(cause), 150)}."
        if isinstance(cause, socket.gaierror):
            return f"The host of {where} cannot be found."
        if isinstance(cause, ConnectionRefusedError):
            return f"Nothing answers at {where} (connection refused)."
    return f"{where} cannot be reached: {shortened(str(error) or 'no connection', 150)}."


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting and len(found) < 20:
        cause = waiting.pop()
        if cause is None or cause in found:
            continue
        found.append(cause)
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
    return found


def _cut(error: httpx.HTTPError) -> str:
    if (
        isinstance(error, httpx.RemoteProtocolError)
        and "peer closed" not in str(error)
        and "disconnected" not in str(error)
    ):
        return f"The backend does not speak HTTP as expected: {shortened(str(error), 150)}."
    return "The connection was cut before the backend said that it was done."


async def need_ndjson(response: httpx.Response, limits: Limits) -> None:
    """Refuse what cannot be an answer of ours, saying what came instead."""
    status = f"{response.status_code} {response.reason_phrase}".strip()
    if response.is_redirect:
        to = shortened(response.headers.get("location", ""), 100)
        raise BackendFailed(f"The backend answered {status} to {quoted(to, 100)}; redirects are not followed.")
    if response.status_code != 200:
        raise BackendFailed(f"The backend answered {status}{await _explanation(response, limits)}")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise BackendFailed("The backend's answer is compressed; plain NDJSON was expected.")
    if response.headers.get("content-type", "").lower().startswith("text/html"):
        raise BackendFailed("The backend answered with a web page (HTML); NDJSON was expected.")


async def _explanation(response: httpx.Response, limits: Limits) -> str:
    """The first words of an error's body, unless it is a page made for a browser."""
    body = b""
    with contextlib.suppress(BackendFailed):
        async with contextlib.aclosing(chunks(response, limits, Silence(EXPLANATION_SECONDS))) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) >= EXPLANATION_BYTES:
                    break
    said = body[:EXPLANATION_BYTES].decode(errors="replace").strip()
    return f": {shortened(said, 200)}" if said and not said.startswith("<") else "."
