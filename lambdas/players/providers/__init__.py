"""The providers of identities: each is a module here, and its name is in _MODULES.

A provider module has NAME, FIELDS (what its proof is sent in) and provider(options, ports).
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

from lambdas.players.fetching import Http
from lambdas.players.providers import guest, key, privy, x
from lambdas.players.providers.port import Ports, Prove
from lambdas.players.users import Proof
from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.errors import Malformed

MOST_BODY_BYTES: Final = 24_576
"""Two tokens of a provider."""
_MODULES: Final = (key, privy, x, guest)


class _Provider(NamedTuple):
    fields: Collection[str]
    prove: Prove


class Providers:
    """Those that the settings switch on."""

    def __init__(self, options: Mapping[str, Mapping[str, Any]], ports: Ports) -> None:
        modules = {module.NAME: module for module in _MODULES}
        unknown = options.keys() - modules.keys()
        if unknown:
            raise ValueError(f"providers: no module for {', '.join(sorted(unknown))}")
        self._providers = {
            name: _Provider(module.FIELDS, module.provider(options[name], ports))
            for name, module in modules.items()
            if name in options
        }

    @classmethod
    def from_settings(cls, text: str, http: Http, parameter: Callable[[str], str]) -> "Providers":
        return cls(json.loads(text), Ports(http, parameter))

    def proof_in(self, body: bytes, now_s: int) -> Proof:
        """The identity that the body proves."""
        known = sorted({field for each in self._providers.values() for field in each.fields})
        sent = object_in(body, most_bytes=MOST_BODY_BYTES, fields=("provider", *known))
        name = sent.pop("provider", None)
        provider = self._providers.get(name) if isinstance(name, str) else None
        if provider is None:
            raise Malformed("provider", f"none of {', '.join(self._providers)}")
        foreign = next((field for field in sent if field not in provider.fields), None)
        if foreign is not None:
            raise Malformed(foreign, f"{name} takes {', '.join(provider.fields)}")
        return provider.prove(sent, now_s)
