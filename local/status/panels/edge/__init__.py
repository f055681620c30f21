"""The distribution as it is now, and the stores that its functions read."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar

from local.status.clients import Clients
from local.status.panels import NoPanels
from local.status.panels.edge.distribution import LiveDistribution
from local.status.panels.edge.stores import Stores
from local.status.parts import Parts


class Panels(NoPanels):
    PARTS: ClassVar = ("stores", "distribution")

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._stores = Stores(clients.cloudfront, clients.keys)
        self._secrets: set[str] = set()

    def look(self, parts: Parts) -> None:
        live = parts.ask("distribution", lambda: LiveDistribution(self._clients))
        if live is None:
            return
        now_ms = int(time.time() * 1000)
        parts.see("distribution", live.described)
        parts.see("stores", lambda: self._stores.described(live.functions, now_ms))
        self._secrets |= {*live.secrets, *self._stores.secrets}

    def secrets(self) -> Iterable[str]:
        return self._secrets
