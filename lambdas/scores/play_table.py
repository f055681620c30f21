"""How the ScoreTable stores claims of plays: one play counts with one set of values."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

PLAY: Final = "PLAY#"


class PlayTable(MeteredTable):
    def __init__(
        self, client: "DynamoDBClient", name: str, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(client, name)
        self._clock = clock

    def claim(self, game_id: str, user_id: str, play: str, *, lasts_ms: int) -> bool:
        """Returns False where the play is claimed with other values.

        The claim expires when no ticket of the play is valid any more.
        """
        claim = play_key(game_id, user_id, play) | {
            "play": play,
            "expires": int(self._clock()) + lasts_ms // 1000,
        }
        try:
            self._put(
                claim,
                ConditionExpression="attribute_not_exists(PK) OR play = :play",
                ExpressionAttributeValues={":play": play},
            )
        except ConditionFailed:
            return False
        return True


def play_key(game_id: str, user_id: str, play: str) -> Item:
    """Game and player are part of the key: without tickets, players choose the ids of plays."""
    return {"PK": f"{PLAY}{play.partition('.')[0]}", "SK": f"{game_id}#{user_id}"}
