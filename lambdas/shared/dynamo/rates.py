"""RateTable: how often an address and each of its sessions asked in this minute."""

from typing import Any, Final

from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.http.errors import TooMany

_MINUTE: Final = 60
_KEPT_SECONDS: Final = 300


class TooManyRequests(TooMany):
    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"more requests than are taken in a minute; send several events at once in a batch, "
            f"and the next in {retry_after} s",
            retry_after,
        )


class RateTable(MeteredTable):
    def __init__(self, client: Any, name: str, *, of_address: int, of_session: int) -> None:
        super().__init__(client, name)
        self._of_address = of_address
        self._of_session = of_session

    def take(self, home: str, session_id: str, now_s: int) -> None:
        """One write counts both, for a session is counted where it is at home."""
        minute = now_s // _MINUTE
        try:
            self._update(
                {"PK": {"S": f"{home}#{minute}"}},
                UpdateExpression="ADD n :one, #s :one SET expires = :expires",
                ConditionExpression=(
                    "(attribute_not_exists(n) OR n < :address)"
                    " AND (attribute_not_exists(#s) OR #s < :session)"
                ),
                # The id's last digits are random, and short: sixty sessions fit one write unit.
                ExpressionAttributeNames={"#s": f"s{session_id[-6:]}"},
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":address": {"N": str(self._of_address)},
                    ":session": {"N": str(self._of_session)},
                    ":expires": {"N": str(now_s + _KEPT_SECONDS)},
                },
            )
        except ConditionFailed:
            raise TooManyRequests((minute + 1) * _MINUTE - now_s) from None
