"""htmlgame patch: the part of the distribution that belongs to htmlgame"""

import click

from config.alarms import CLOUDFRONT_REGION
from config.capabilities import edge as edge_manifest
from lambdas.edge.distribution import Reading
from lambdas.edge.patch_plan import masked
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.invoke import invoke
from operations.cli.output import Json, counted
from operations.cli.session import Session
from operations.edge import patch as distribution_patch
from operations.edge.live_distribution import notices
from operations.errors import OperatorError


class PatchNeeded(OperatorError):
    code = "patch_needed"

    def __init__(self, changes: tuple[str, ...]) -> None:
        super().__init__(
            f"the distribution lacks {counted(len(changes), 'change')} "
            f"({'; '.join(changes)}): htmlgame patch apply, or make deploy"
        )


@click.group("patch")
def patch() -> None:
    """Plan, apply, verify and remove htmlgame's part of the distribution."""


@command("plan")
def plan_patch(session: Session) -> None:
    """Show what a deploy would change in the live distribution, and change nothing."""
    before, planned = distribution_patch.plan(session.target.environment, session.target.shared)
    difference = list(distribution_patch.difference(before, planned.xml)) if planned.changes else []
    found = list(notices(before, session.target.environment.distribution_grants))
    document = {
        "changes": list(planned.changes),
        "difference": difference,
        "notices": [{"what": each.what, "fix": each.fix} for each in found],
    }

    def show() -> None:
        for each in found:
            session.output.warn(f"{each.what}: {each.fix}")
        if not planned.changes:
            session.output.say("nothing to change: the distribution is complete")
            return
        session.output.say("\n".join(planned.changes) + "\n")
        session.output.verbatim("".join(difference))

    session.output.document(document, show)


@command("apply")
@changes
def apply_patch(session: Session, consent: Consent) -> None:
    """Restore htmlgame's part of the distribution, by the deployed drift guard.

    The guard backs up the previous config first.
    """
    distribution_patch.refuse_unknown_endpoints(session.target.environment, session.target.shared)
    _, planned = distribution_patch.plan(session.target.environment, session.target.shared)

    def act() -> Json:
        healed = invoke(
            session, edge_manifest.DRIFT_GUARD.name, {}, doing="restoring htmlgame's part"
        )["healed"]
        _, left = distribution_patch.plan(session.target.environment, session.target.shared)
        if left.changes:
            session.output.warn(
                "the deployed guard lacks changes that this checkout has: make deploy applies them"
            )
        return {"healed": len(healed), "left": len(left.changes)}

    change = Change(
        "patch apply",
        {},
        f"Make {counted(len(planned.changes), 'change')} to the live distribution",
        planned={"changes": len(planned.changes)},
        nothing=None if planned.changes else "the distribution is complete",
        document={"changes": list(planned.changes)},
    )
    carry_out(session, consent, change, act, lambda: session.output.say("\n".join(planned.changes)))


@command("remove")
@click.argument("distribution")
@changes
def remove_patch(session: Session, consent: Consent, distribution: str) -> None:
    """Take htmlgame out of a distribution that it no longer uses."""
    environment, clients = session.target.environment, session.target.shared
    planned = distribution_patch.removal(distribution, environment, clients)

    def keep(reading: Reading) -> None:
        session.output.note(masked(reading.xml).decode())

    def act() -> Json:
        client = session.target.shared("logs", CLOUDFRONT_REGION)
        logs = distribution_patch.remove_logs(distribution, environment, clients, client)
        removed = distribution_patch.remove(distribution, environment, clients, keep)
        return {"removed": len(removed.changes) + logs}

    change = Change(
        "patch remove",
        {"distribution": distribution},
        f"Make {counted(len(planned.changes), 'change')} to the distribution {distribution}",
        planned={"changes": len(planned.changes)},
        nothing=None if planned.changes else "the distribution contains nothing of htmlgame",
        document={"changes": list(planned.changes)},
    )
    carry_out(session, consent, change, act, lambda: session.output.say("\n".join(planned.changes)))


@command("verify")
def verify_patch(session: Session) -> None:
    """Exit with 1 if the distribution lacks a part of htmlgame."""
    distribution_patch.refuse_unknown_endpoints(session.target.environment, session.target.shared)
    _, planned = distribution_patch.plan(session.target.environment, session.target.shared)
    if planned.changes:
        raise PatchNeeded(planned.changes)
    session.output.document(
        {"changes": []}, lambda: session.output.say("the distribution is complete")
    )


for each in (plan_patch, apply_patch, remove_patch, verify_patch):
    patch.add_command(each)
