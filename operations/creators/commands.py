"""htmlgame creators: what an operator does for a creator who asks"""

import click

from config.capabilities import creators as creators_manifest
from config.capabilities import telemetry as telemetry_manifest
from config.manifests import eraser
from lambdas.creators.table import CreatorTable, Listed
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, UnknownJob, job_json
from lambdas.shared.values.uuids import is_uuid
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.invoke import invoke
from operations.cli.output import Json, counted, short_time
from operations.cli.session import Session
from operations.deployed import has
from operations.errors import NotFound, OperatorError, WrongArgument


class NoCreators(OperatorError):
    code = "not_deployed"

    def __init__(self) -> None:
        super().__init__(
            "this environment has no creators: deploy TelemetryStack with telemetry in "
            "config/environments.py"
        )


@click.group("creators")
def creators() -> None:
    """Erase a creator, and follow the job."""


def _table_name(session: Session) -> str:
    if not has(session.target.environment, "telemetry"):
        raise NoCreators
    return session.parameter(creators_manifest.TABLE.parameter, telemetry_manifest.CAPABILITY.stack)


def _id(text: str) -> str:
    if not is_uuid(text):
        raise WrongArgument("CREATOR_ID", f"{text!r} is not a UUID, such as the sub of a token")
    return text.lower()


@command("erase")
@click.argument("creator_id")
@changes
def erase(session: Session, consent: Consent, creator_id: str) -> None:
    """Erase a creator: projects, what was recorded for them, secrets and data.

    Starts the same job as the creator's own request. It runs for some minutes, and
    cannot be undone. A creator about whom nothing is known may be a mistyped id, so
    at a terminal the command asks about one even with --yes.
    """
    table_name, creator = _table_name(session), _id(creator_id)
    table = CreatorTable(session.target.shared("dynamodb"), table_name)
    projects = table.projects(creator)
    known = bool(projects) or table.known_since(creator) is not None

    def act() -> Json:
        started = invoke(session, eraser().name, {"creatorId": creator}, doing="starting the job")
        return {"jobId": started["jobId"]}

    sentence = f"Erase the creator {creator} and {counted(len(projects), 'project')}"
    change = Change(
        "creators erase",
        {"creatorId": creator},
        sentence if known else f"Erase the unknown creator {creator}",
        planned={"projects": len(projects)},
        document={"creatorId": creator, "projects": [_document(each) for each in projects]},
        unusual=not known,
    )
    carry_out(session, consent, change, act, lambda: _show(session, projects))


def _document(project: Listed) -> Json:
    return {"id": project.id, "name": project.name, "createdAt": project.created_at}


def _show(session: Session, projects: list[Listed]) -> None:
    if projects:
        session.output.table(
            ["project", "~name", "created (UTC)"],
            ([each.id, each.name, short_time(each.created_at)] for each in projects),
        )


@command("job")
@click.argument("job_id")
def job(session: Session, job_id: str) -> None:
    """Show how far a job of erasing has come, and what it has removed."""
    if not is_uuid(job_id):
        raise WrongArgument("JOB_ID", f"{job_id!r} is not a UUID; creators erase prints it")
    jobs = JobTable(session.target.shared("dynamodb"), _table_name(session))
    found = _read(jobs, job_id.lower())
    document = job_json(found) | {"creatorId": found.creator_id}

    def show() -> None:
        session.output.say(f"{document['status']}, started {short_time(document['createdAt'])}")
        if document["removed"]:
            session.output.table(["removed", ">items"], document["removed"].items())

    session.output.document(document, show)


def _read(jobs: JobTable, job_id: str) -> Job:
    try:
        return jobs.read(job_id)
    except UnknownJob:
        raise NotFound(f"JOB_ID: there is no job {job_id}, or it ended 90 days ago") from None


creators.add_command(erase)
creators.add_command(job)
