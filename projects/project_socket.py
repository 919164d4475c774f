"""One socket of /ws/projects/<id>/: events for who looks at a project. Takes nothing from the browser but its going."""

from __future__ import annotations

import secrets
from typing import Any

from channels.consumer import AsyncConsumer

from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.consumer import Receive, receive_text, wait_for_end
from annotator.collaboration.port import Send, port_for
from projects import live
from projects.doors import Inside, Watch, current_rights
from projects.hub import Watcher
from projects.logins import Credential, Rights, credential_of


class ProjectConsumer(AsyncConsumer):  # type: ignore[misc]  # channels is not typed
    watch: Watch

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        project_id = int(scope["url_route"]["kwargs"]["project_id"])
        credential = credential_of(scope)
        rights = await live.engine().in_thread(admit, credential, project_id)
        port = port_for(send)
        try:
            if isinstance(rights, CloseCode):
                port.close(rights)
                await wait_for_end(receive)
            else:
                await self._serve(Watcher(project_id, rights.person, rights.role, port), credential, rights, receive)
        finally:
            await port.aclose()

    async def _serve(self, watcher: Watcher, credential: Credential, rights: Rights, receive: Receive) -> None:
        hub, key = live.engine().hub, secrets.token_hex(8)
        hub.watch(watcher)
        self.watch.enter(key, Inside(credential, watcher.project_id, rights, watcher))
        try:
            while (event := await receive())["type"] == "websocket.receive":
                receive_text(watcher, event.get("text") or "")
        finally:
            self.watch.leave(key)
            hub.unwatch(watcher)


def admit(credential: Credential, project_id: int) -> Rights | CloseCode:
    return current_rights({(credential, project_id)})[credential, project_id]
