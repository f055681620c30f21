"""GET {API}/analytics/summary"""

import boto3
from aws_lambda_powertools import Logger

from lambdas.analytics.settings import AnalyticsSettings
from lambdas.analytics.summaries import days_asked, summary
from lambdas.shared.aws import CONFIG
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.http.endpoint import Answer, endpoint
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.principals import creator_of
from lambdas.shared.http.requests import Request, project_id_in
from lambdas.shared.keys.published import lock_reader
from lambdas.shared.records.table import Projects

settings = AnalyticsSettings.from_environment()
logger = Logger(service="telemetry-analytics")
client = boto3.client("dynamodb", config=CONFIG)
table = CounterTable(client, settings.telemetry_table)
projects = Projects(client, settings.creator_table)


def _answer(request: Request) -> Answer:
    project_id = project_id_in(request.query.get("projectId", ""))
    first, last = days_asked(request.query, request.now_s)
    project = projects.owned(project_id, creator_of(request))
    days = dict(table.days(project.id, first, last))
    return Answer(
        summary(project.id, first, last, days), log={"project": project.id, "days": len(days)}
    )


handler = endpoint(
    _answer,
    lock=origin_lock(lock_reader(settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(table, projects),
    reads_only=True,
)
