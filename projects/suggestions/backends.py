"""Every kind of backend there is. A new one is a file of its own and a line here."""

from __future__ import annotations

from projects.suggestions import memory, stream
from projects.suggestions.events import BackendKind

KINDS: dict[str, BackendKind] = {kind.name: kind for kind in (memory.KIND, stream.KIND)}
