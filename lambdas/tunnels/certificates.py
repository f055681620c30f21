"""Orders, renews and watches the certificates of all tunnels. A rule and the push invoke it."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.shared.aws import PATIENT
from lambdas.tunnels import reach
from lambdas.tunnels.account_key import account_key
from lambdas.tunnels.acme import Acme, AcmeError
from lambdas.tunnels.records import Certificate
from lambdas.tunnels.renewals import ASK_AGAIN_SECONDS, WARN_SECONDS, failed, renew_at
from lambdas.tunnels.settings import CertificatesSettings
from lambdas.tunnels.table import DueCertificate, TunnelTable
from lambdas.tunnels.vault import Place, Vault
from lambdas.tunnels.x509 import leaf_of

_LEASE_SECONDS: Final = 300
_UNFINISHED: Final = timedelta(hours=1)
"""An order whose key is stored has stored its certificate by then."""
_ORDER_SECONDS: Final = 60
_SPARE_MS: Final = 90_000
"""With less time than this left, the next run takes the rest."""

settings = CertificatesSettings.from_environment()
logger = Logger(service="tunnels-certificates")
table = TunnelTable(boto3.client("dynamodb", config=PATIENT), settings.tunnel_table)
vault = Vault(boto3.client("ssm", config=PATIENT), settings.certificate_keys)


def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    now_s = int(time.time())
    watched = table.watched()
    due = [each for each in watched if each.due_s <= now_s]
    authority = _Authority()
    done = 0
    for each in due if settings.acme_directory else ():
        if context.get_remaining_time_in_millis() < _SPARE_MS:
            break
        if table.claim_due(each, now_s + _LEASE_SECONDS):
            _work(each, authority, int(time.time()))
            done += 1
    swept = _swept(watched)
    expiring = sum(0 < each.expires_s < now_s + WARN_SECONDS for each in watched)
    logger.info("certificates", watched=len(watched), done=done, expiring=expiring, swept=swept)
    return {"done": done, "expiring": expiring}


def _swept(watched: list[DueCertificate]) -> int:
    """A sweep that fails must not make orders look failed. The next run sweeps again."""
    try:
        return vault.sweep(_needed(watched), datetime.now(UTC) - _UNFINISHED)
    except ClientError:
        logger.exception("old keys not swept")
        return 0


def _needed(watched: list[DueCertificate]) -> list[Place]:
    return [Place(each.owner, each.domain, each.serial) for each in watched if each.serial]


class _Authority:
    """Connects on first use: most runs have nothing to order."""

    _acme: Acme | None = None

    def acme(self) -> Acme:
        if self._acme is None:
            key = account_key(settings.acme_key_parameter)
            self._acme = Acme(settings.acme_directory, key, contact=settings.acme_contact)
        return self._acme


def _work(due: DueCertificate, authority: _Authority, now_s: int) -> None:
    before = table.certificate(due.owner, due.domain) or Certificate(
        domain=due.domain, state="waiting"
    )
    try:
        after = _renewed(due, before, authority, now_s)
    except reach.NotReached as error:
        after = failed(before, str(error), now_s, refused=False)
    except AcmeError as error:
        limited = error.retry_after_s if error.is_rate_limit else None
        after = failed(before, str(error), now_s, refused=True, limited_s=limited)
    except (OSError, KeyError, ValueError) as error:
        logger.exception("certificate not ordered", domain=due.domain)
        problem = f"the certificate authority does not answer as it should: {error}"
        after = failed(before, problem[:300], now_s, refused=True)
    again = after.retry_s or min(after.renew_s, now_s + ASK_AGAIN_SECONDS)
    if after == before:
        table.put_due(due.owner, due.domain, again)
    else:
        # A new serial: the authority, too, has found the domain at this creator's gateways.
        table.put_certificate(due.owner, after, again, proven=after.serial != before.serial)
        logger.info("certificate", domain=due.domain, state=after.state, problem=after.problem)


def _renewed(
    due: DueCertificate, before: Certificate, authority: _Authority, now_s: int
) -> Certificate:
    replaces = ""
    if before.chain:
        leaf = leaf_of(before.chain)
        when = renew_at(leaf, authority.acme().renewal_time(leaf))
        if now_s < when:
            return replace(before, renew_s=when, retry_s=0, failures=0, problem="", refused=False)
        replaces = leaf.renewal_id
    publish = partial(_publish, due)
    reach.check(due.domain, publish)
    until = time.monotonic() + _ORDER_SECONDS
    issued = authority.acme().order(due.domain, publish, until=until, replaces=replaces)
    leaf = leaf_of(issued.chain)
    serial = f"{leaf.serial:x}"
    # The key is there before any config names the certificate.
    vault.put(Place(due.owner, due.domain, serial), issued.private_key)
    return Certificate(
        domain=due.domain,
        state="issued",
        chain=issued.chain,
        serial=serial,
        expires_s=leaf.expires_s,
        renew_s=renew_at(leaf, authority.acme().renewal_time(leaf)),
    )


def _publish(due: DueCertificate, token: str, answer: str) -> None:
    table.put_challenge(due.owner, due.domain, token, answer, int(time.time()))
