"""What every command works with: where the system is, what it holds, and how to say it."""

import json
import time
from functools import cached_property

from config import names
from config.games import load_games, runtime_form
from lambdas.scores.errors import UnknownGame
from lambdas.scores.games import Game, Games, resolve_period
from lambdas.scores.ledger_table import InvalidationLedger
from lambdas.scores.periods import Period
from lambdas.shared.edge_store import EdgeStore
from operations.cli.output import Output
from operations.cli.target import Target
from operations.errors import NotDeployed, WrongArgument
from operations.scores.operator_table import OperatorTable


class Session:
    def __init__(self, target: Target, output: Output) -> None:
        self.target = target
        self.output = output
        self.now_ms = time.time_ns() // 1_000_000

    @cached_property
    def games(self) -> Games:
        return Games(json.loads(runtime_form(load_games())))

    def game(self, game_id: str) -> Game:
        try:
            return self.games.named(game_id)
        except UnknownGame:
            offered = ", ".join(game.id for game in self.games)
            raise WrongArgument(
                "GAME", f"there is no {game_id!r} in config/game-config; there are {offered}"
            ) from None

    def period(self, game: Game, text: str | None) -> Period:
        """An id or an alias; the first that the game offers where none is named."""
        return resolve_period(game, text or game.periods[0], self.now_ms)

    def parameter(self, name: str, stack: str) -> str:
        value = self.parameter_or_none(name)
        if value is None:
            raise NotDeployed(name, stack)
        return value

    def parameter_or_none(self, name: str) -> str | None:
        ssm = self.target.shared("ssm")
        try:
            return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return None

    @cached_property
    def table_name(self) -> str:
        return self.parameter(names.SCORE_TABLE_NAME, names.SCORE_API_STACK)

    @cached_property
    def table(self) -> OperatorTable:
        return OperatorTable(self.target.shared("dynamodb"), self.table_name)

    @cached_property
    def ledger(self) -> InvalidationLedger:
        return InvalidationLedger(self.target.shared("dynamodb"), self.table_name)

    @cached_property
    def since_ms(self) -> int:
        """When the table was made: no board of it is older, unless it was imported."""
        client = self.target.shared("dynamodb")
        made = client.describe_table(TableName=self.table_name)["Table"]["CreationDateTime"]
        return int(made.timestamp() * 1000)

    @cached_property
    def store(self) -> EdgeStore:
        return EdgeStore(self.target.key_value_store, self.store_arn)

    @cached_property
    def store_arn(self) -> str:
        return self.parameter(names.EDGE_STORE_ARN, names.EDGE_STACK)
