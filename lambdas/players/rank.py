"""Keeps the ranking by what the PlayerTable's stream says."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.players.rank_table import RankTable, changes_in
from lambdas.players.settings import RankSettings
from lambdas.shared.aws import PATIENT
from lambdas.shared.dynamo.units import Spent

settings = RankSettings.from_environment()
logger = Logger(service="players-rank")
table = RankTable(boto3.client("dynamodb", config=PATIENT), settings.player_table)


def handler(event: dict[str, Any], _context: Any) -> None:
    """Raises where a change was not written: then Lambda hands on the same records again."""
    table.spent = Spent()
    changes = list(changes_in(event["Records"]))
    written = table.apply(changes)
    logger.info(
        "ranked",
        records=len(event["Records"]),
        changes=len(changes),
        written=written,
        rru=table.spent.reads,
        wru=table.spent.writes,
    )
