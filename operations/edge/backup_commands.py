"""htmlgame edge: backups of the distribution's config, and how to restore one"""

from datetime import UTC, datetime
from typing import Final

import click

from config import names
from config.capabilities import edge as edge_manifest
from lambdas.edge.distribution import Distribution, Reading
from lambdas.edge.patch_plan import Plan, masked
from lambdas.shared.http.origin_lock import accepted_values
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json, counted, short_time
from operations.cli.session import Session
from operations.edge.backups import Backup, Backups, unmasked
from operations.edge.patch import difference
from operations.errors import NotDeployed

_ENVIRONMENT: Final = "BACKUP_BUCKET"
"""The setting of the drift guard that names the bucket."""


@click.group("edge")
def edge() -> None:
    """List and restore backups of the distribution's config."""


def _distribution_id(session: Session) -> str:
    return session.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK)


def _backups(session: Session) -> Backups:
    client = session.target.shared("lambda")
    try:
        found = client.get_function_configuration(FunctionName=edge_manifest.DRIFT_GUARD.name)
    except client.exceptions.ResourceNotFoundException:
        raise NotDeployed(
            edge_manifest.DRIFT_GUARD.name, edge_manifest.CAPABILITY.stack, kind="function"
        ) from None
    bucket = str(found["Environment"]["Variables"][_ENVIRONMENT])
    return Backups(session.target.shared("s3"), bucket, _distribution_id(session))


@command("backups")
def backups(session: Session) -> None:
    """List the backups of the distribution, the newest first.

    The patch and the drift guard write one before each of their changes.
    """
    found = _backups(session).listed()
    document = {"backups": [_document(each) for each in found]}

    def show() -> None:
        if not found:
            session.output.say("there is no backup yet")
            return
        session.output.table(
            ["~backup", "written (UTC)", ">bytes"],
            ([each.name, short_time(each.written_at), each.size] for each in found),
        )

    session.output.document(document, show)


def _document(backup: Backup) -> Json:
    return {"name": backup.name, "writtenAt": backup.written_at, "bytes": backup.size}


@command("restore-backup")
@click.argument("backup")
@changes
def restore_backup(session: Session, consent: Consent, backup: str) -> None:
    """Write a backup back into the distribution, as the whole of its config.

    BACKUP is a name that edge backups lists. Backups contain no secrets: the
    present origin lock is used for htmlgame's origins, and the live distribution's
    values for custom headers of other origins. The present config is backed up
    first. The drift guard restores htmlgame's part within the hour.
    """
    kept = _backups(session)
    chosen = kept.named(backup)
    content = kept.read(chosen)
    lock = accepted_values(session.parameter(names.ORIGIN_LOCK, edge_manifest.CAPABILITY.stack))[0]
    distribution = Distribution(session.target.shared("cloudfront"), _distribution_id(session))
    live = distribution.read().xml
    lines = list(difference(live, unmasked(content, live, lock)))

    def plan(xml: bytes) -> Plan:
        restored = unmasked(content, xml, lock)
        return Plan(restored, (f"restore {chosen.name}",) if [*difference(xml, restored)] else ())

    def back_up(reading: Reading) -> None:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
        kept.write(f"{moment}-{reading.etag}", masked(reading.xml))

    def act() -> Json:
        return {"restored": bool(distribution.change(plan, back_up).changes)}

    changed = sum(line[:1] in "+-" and line[:3] not in {"+++", "---"} for line in lines)
    change = Change(
        "edge restore-backup",
        {"backup": chosen.name},
        f"Restore {chosen.name}, which changes {counted(changed, 'line')} of the live config",
        planned={"lines": changed},
        nothing=None if lines else "the distribution is as the backup has it",
        document={"backup": _document(chosen), "difference": lines},
    )
    carry_out(session, consent, change, act, lambda: session.output.verbatim("".join(lines)))


edge.add_command(backups)
edge.add_command(restore_backup)
