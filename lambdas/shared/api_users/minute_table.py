"""The MinuteTable counts the requests of each API user in each minute."""

from typing import Final

from lambdas.shared.api_users.errors import TooManyRequests
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable

_MINUTE_S: Final = 60
_KEPT_S: Final = 300


class MinuteTable(MeteredTable):
    def take(self, user_id: str, limit: int, now_s: int) -> None:
        """Counts one request in one write unit, however many come at once."""
        minute = now_s // _MINUTE_S
        try:
            self._update(
                {"PK": f"{user_id}#{minute}"},
                UpdateExpression="ADD n :one SET expires = :expires",
                ConditionExpression="attribute_not_exists(n) OR n < :limit",
                ExpressionAttributeValues={
                    ":one": 1,
                    ":limit": limit,
                    ":expires": now_s + _KEPT_S,
                },
            )
        except ConditionFailed:
            raise TooManyRequests(limit, (minute + 1) * _MINUTE_S - now_s) from None
