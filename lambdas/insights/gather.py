"""Groups the failures that the logs of all functions report."""

import base64
import gzip
import hashlib
import json
from collections import defaultdict
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.insights.failure_table import FailureTable
from lambdas.insights.failures import Failure, failure_of
from lambdas.insights.settings import GatherSettings
from lambdas.shared.aws import PATIENT

settings = GatherSettings.from_environment()
logger = Logger(service="insights-gather")
table = FailureTable(boto3.client("dynamodb", config=PATIENT), settings.insights_table)


def handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Takes what a subscription filter of CloudWatch Logs delivers, which may come twice."""
    batch = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    if batch["messageType"] != "DATA_MESSAGE":
        return {"failures": 0}
    groups: defaultdict[tuple[str, str], list[Failure]] = defaultdict(list)
    for each in batch["logEvents"]:
        failure = failure_of(batch["logGroup"], each["message"], each["timestamp"])
        if failure is not None:
            groups[failure.code, failure.fingerprint].append(failure)
    ids = ",".join(each["id"] for each in batch["logEvents"])
    mark = hashlib.sha256(ids.encode()).hexdigest()[:16]
    added = sum(len(failures) for failures in groups.values() if table.add(failures, mark))
    logger.info("gathered", log_group=batch["logGroup"], failures=added)
    return {"failures": added}
