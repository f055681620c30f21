"""Daily: deletes the archive of projects that were deleted."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.archive.files import prefix_of, project_in
from lambdas.archive.settings import ArchivePruneSettings
from lambdas.shared.aws import PATIENT
from lambdas.shared.records.projects import UnknownProject
from lambdas.shared.records.table import Projects

settings = ArchivePruneSettings.from_environment()
logger = Logger(service="telemetry-archive-prune")
s3 = boto3.client("s3", config=PATIENT)
projects = Projects(boto3.client("dynamodb", config=PATIENT), settings.creator_table)


class NotDeleted(Exception):
    def __init__(self, number: int, first: Mapping[str, str]) -> None:
        super().__init__(
            f"{number} files were not deleted; {first.get('Key')}: {first.get('Message')}"
        )


def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    deleted = sum(_delete(project_id) for project_id in _archived() if _is_gone(project_id))
    logger.info("pruned", deleted=deleted)
    return {"deleted": deleted}


def _archived() -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=settings.archive_bucket, Prefix="project=", Delimiter="/"
    )
    for page in pages:
        for each in page.get("CommonPrefixes", ()):
            yield project_in(each["Prefix"])


def _is_gone(project_id: str) -> bool:
    try:
        projects.named(project_id)
    except UnknownProject:
        return True
    return False


def _delete(project_id: str) -> int:
    """Deletes page by page, so that an interrupted run has made progress."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=settings.archive_bucket, Prefix=prefix_of(project_id)
    )
    deleted = 0
    for page in pages:
        keys = [{"Key": each["Key"]} for each in page.get("Contents", ())]
        if keys:
            answer = s3.delete_objects(
                Bucket=settings.archive_bucket, Delete={"Objects": keys, "Quiet": True}
            )
            if refused := answer.get("Errors"):
                raise NotDeleted(len(refused), refused[0])
            deleted += len(keys)
    return deleted
