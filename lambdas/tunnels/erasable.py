"""A creator's agents, gateways, tunnels and certificates."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lambdas.shared.erasing import Erasable, Step, Sweep, Walk
from lambdas.shared.records.jobs import Job
from lambdas.tunnels.settings import ErasableSettings
from lambdas.tunnels.subnets import block_of
from lambdas.tunnels.table import TunnelTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE: Final = "tunnels"
_KINDS: Final = {"A#": "agents", "G#": "gateways", "T#": "tunnels"}


def kind_of(key: str) -> str:
    """What to count an item as, by its sort key."""
    return _KINDS.get(key[:2], "")


def _uncounted(_: str) -> str:
    return ""


class Tunnels(Erasable):
    order = 5
    name = TABLE

    def of_creator(self, job: Job, _last: str) -> Iterator[Step]:
        yield lambda walk: self._elsewhere(job.creator_id, walk)
        yield lambda _: iter([Sweep(TABLE, f"O#{job.creator_id}", kind_of)])

    def _elsewhere(self, owner: str, _walk: Walk) -> Iterator[Sweep | None]:
        """Keys, domains and subnets, before the items that say which they are."""
        network = TunnelTable(self.client, self.table).network(owner)
        for host in (*network.agents, *network.gateways):
            yield Sweep(TABLE, f"KEY#{host.key}", _uncounted)
        for tunnel in network.tunnels:
            if tunnel.domain is not None:
                yield Sweep(TABLE, f"DOMAIN#{tunnel.domain}", _uncounted, owner=owner)
        for block in sorted({block_of(each.number) for each in network.agents}):
            yield Sweep(TABLE, f"SUBNETS#{block:03d}", _uncounted, owner=owner)
        yield Sweep(TABLE, "CERTS", _uncounted, prefix=f"{owner}#")


def erasable(client: "DynamoDBClient") -> Tunnels:
    settings = ErasableSettings.from_environment()
    return Tunnels(client, settings.tunnel_table)
