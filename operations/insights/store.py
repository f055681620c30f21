"""Insights' tables and files, with the operator's own rights."""

from config.capabilities import insights
from lambdas.insights.failure_table import FailureTable
from lambdas.insights.requests import RowFiles
from lambdas.insights.table import InsightsTable
from lambdas.shared.api_users.key_table import KeyTable
from operations.cli.session import Session
from operations.deployed import has
from operations.errors import OperatorError


class NoInsights(OperatorError):
    code = "not_deployed"

    def __init__(self) -> None:
        super().__init__(
            "this environment has no Insights: add Insights() to its capabilities in "
            "config/environments.py, then make deploy"
        )


class Store:
    def __init__(self, session: Session) -> None:
        if not has(session.target.environment, insights.CAPABILITY.name):
            raise NoInsights
        self._session = session
        self._dynamodb = session.target.shared("dynamodb")

    @property
    def table(self) -> InsightsTable:
        return InsightsTable(self._dynamodb, self._named(insights.TABLE.parameter))

    @property
    def failures(self) -> FailureTable:
        return FailureTable(self._dynamodb, self._named(insights.TABLE.parameter))

    @property
    def keys(self) -> KeyTable:
        return KeyTable(self._dynamodb, self._named(insights.KEYS.parameter))

    @property
    def rows(self) -> RowFiles:
        bucket = self._named(insights.BUCKET)
        return RowFiles(self._session.target.shared("s3"), bucket, insights.ROWS)

    def _named(self, parameter: str) -> str:
        return self._session.parameter(parameter, insights.CAPABILITY.stack)
