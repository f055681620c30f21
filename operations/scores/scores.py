"""The games of this checkout, and the score table of the target."""

import json
from functools import cached_property

from config.capabilities import scores as scores_manifest
from config.games import load_games, runtime_form
from lambdas.scores.errors import UnknownGame
from lambdas.scores.games import Game, Games, resolve_period
from lambdas.scores.ledger_table import InvalidationLedger
from lambdas.scores.periods import Period
from operations.cli.session import Session
from operations.errors import WrongArgument
from operations.scores.operator_table import OperatorTable


class Scores:
    def __init__(self, session: Session) -> None:
        self._session = session

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
        """The period of an id or an alias; without either, the game's first."""
        return resolve_period(game, text or game.periods[0], self._session.now_ms)

    @cached_property
    def table_name(self) -> str:
        return self._session.parameter(
            scores_manifest.TABLE.parameter, scores_manifest.CAPABILITY.stack
        )

    @cached_property
    def table(self) -> OperatorTable:
        return OperatorTable(self._session.target.shared("dynamodb"), self.table_name)

    @cached_property
    def ledger(self) -> InvalidationLedger:
        return InvalidationLedger(self._session.target.shared("dynamodb"), self.table_name)

    @cached_property
    def since_ms(self) -> int:
        """When the table was created: no board is older, unless it was imported."""
        client = self._session.target.shared("dynamodb")
        created = client.describe_table(TableName=self.table_name)["Table"]["CreationDateTime"]
        return int(created.timestamp() * 1000)
