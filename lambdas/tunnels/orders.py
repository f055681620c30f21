"""Orders that do not wait for the rule that runs the function for certificates."""

import boto3

from lambdas.shared.aws import ONCE
from lambdas.tunnels.errors import NothingToOrder, OrderedTooSoon
from lambdas.tunnels.renewals import order_possible_at
from lambdas.tunnels.table import DueCertificate, TunnelTable


def order_now(function: str) -> None:
    boto3.client("lambda", config=ONCE).invoke(
        FunctionName=function, InvocationType="Event", Payload=b"{}"
    )


def order_again(table: TunnelTable, owner: str, domain: str, now_s: int) -> None:
    """Ends the pause after a failure, for those who have fixed the cause."""
    certificate = table.certificate(owner, domain)
    if certificate is None or not certificate.retry_s:
        raise NothingToOrder(domain)
    wait_s = order_possible_at(certificate) - now_s
    if wait_s > 0:
        raise OrderedTooSoon(domain, wait_s)
    # An order that has begun has changed when the next one is due.
    if not table.claim_due(DueCertificate(owner, domain, certificate.retry_s), now_s):
        raise NothingToOrder(domain)
