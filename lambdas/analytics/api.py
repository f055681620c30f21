"""GET {API}/analytics/summary"""

import time
from functools import partial

import boto3
from aws_lambda_powertools import Logger

from lambdas.analytics.settings import AnalyticsSettings
from lambdas.analytics.summaries import days_asked, summary
from lambdas.shared.aws import CONFIG
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.dynamo.units import Spent
from lambdas.shared.http.endpoint import Answer, Event, endpoint
from lambdas.shared.http.errors import Malformed
from lambdas.shared.http.origin_lock import OriginLock
from lambdas.shared.http.principals import creator_of
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.records.projects import Projects
from lambdas.shared.values.uuids import is_uuid

settings = AnalyticsSettings.from_environment()
logger = Logger(service="telemetry-analytics")
client = boto3.client("dynamodb", config=CONFIG)
table = CounterTable(client, settings.telemetry_table)
projects = Projects(client, settings.creator_table)


def _answer(event: Event) -> Answer:
    table.spent = projects.spent = spent = Spent()
    query = event.get("queryStringParameters") or {}
    project_id = query.get("projectId", "").lower()
    if not is_uuid(project_id):
        raise Malformed("projectId", "not a UUID")
    first, last = days_asked(query, time.time())
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    project = projects.owned(project_id, creator_of(claims))
    days = dict(table.days(project.id, first, last))
    return Answer(
        summary(project.id, first, last, days),
        log={"project": project.id, "days": len(days), "rru": spent.reads},
    )


handler = endpoint(
    _answer,
    lock=OriginLock(
        partial(read_parameter, settings.origin_lock_parameter),
        on_failure=partial(logger.exception, "origin lock not read; the last one holds"),
    ),
    logger=logger,
)
