"""Custom resource: keeps the games and the token keys in the edge's store."""

import json
import time
from collections.abc import Mapping
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.edge.settings import StoreSettings
from lambdas.edge.store_sync import synchronised
from lambdas.edge.token_keys import first_key
from lambdas.shared.aws import PATIENT
from lambdas.shared.edge_store import Changes, EdgeStore

settings = StoreSettings.from_environment()
logger = Logger(service="edge-store")
store = EdgeStore(boto3.client("cloudfront-keyvaluestore", config=PATIENT), settings.store_arn)


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    # On delete the stack deletes the whole store.
    if event["RequestType"] != "Delete":
        entries: dict[str, Any] = json.loads(event["ResourceProperties"]["Entries"])

        def decide(values: Mapping[str, str]) -> Changes:
            changes = synchronised(values, entries)
            changes.puts |= first_key(values, int(time.time())).puts
            return changes

        changes = store.change(decide)
        logger.info("store", puts=sorted(changes.puts), deletes=sorted(changes.deletes))
    return {"PhysicalResourceId": settings.store_arn}
