"""RateTable counts the requests of an address, and of each of its sessions, per minute."""

from typing import TYPE_CHECKING, Final, Protocol, Self

from cachetools import LRUCache

from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.http.errors import TooMany

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    class RateSettings(Protocol):
        @property
        def rate_table(self) -> str: ...
        @property
        def address_requests_a_minute(self) -> int: ...
        @property
        def session_requests_a_minute(self) -> int: ...


NO_SESSION: Final = "none"
"""Requests without a session share this one's limit, at each address."""
_MINUTE: Final = 60
_KEPT_SECONDS: Final = 300
_MOST_REMEMBERED: Final = 10_000


class TooManyRequests(TooMany):
    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "too many requests in this minute; send several events in one batch, "
            f"and retry in {retry_after} s",
            retry_after,
        )


class RateTable(MeteredTable):
    def __init__(
        self, client: "DynamoDBClient", name: str, *, of_address: int, of_session: int
    ) -> None:
        super().__init__(client, name)
        self._of_address = of_address
        self._of_session = of_session
        self._full: LRUCache[str, int] = LRUCache(_MOST_REMEMBERED)
        """The minute in which each address last used up its limit."""

    @classmethod
    def limited_by(cls, client: "DynamoDBClient", settings: "RateSettings") -> Self:
        return cls(
            client,
            settings.rate_table,
            of_address=settings.address_requests_a_minute,
            of_session=settings.session_requests_a_minute,
        )

    def take(self, home: str, session_id: str, now_s: int) -> None:
        """Counts one request. One write covers both limits: they share the address's item.

        An address that has used up its minute costs an instance one write more, and then none.
        """
        minute = now_s // _MINUTE
        if self._full.get(home) == minute:
            raise TooManyRequests((minute + 1) * _MINUTE - now_s)
        try:
            self._update(
                {"PK": f"{home}#{minute}"},
                UpdateExpression="ADD n :one, #s :one SET expires = :expires",
                ConditionExpression=(
                    "(attribute_not_exists(n) OR n < :address)"
                    " AND (attribute_not_exists(#s) OR #s < :session)"
                ),
                # The id's last digits are random, and short: sixty sessions fit one write unit.
                ExpressionAttributeNames={"#s": f"s{session_id[-6:]}"},
                ExpressionAttributeValues={
                    ":one": 1,
                    ":address": self._of_address,
                    ":session": self._of_session,
                    ":expires": now_s + _KEPT_SECONDS,
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failed:
            if failed.item.get("n", 0) >= self._of_address:
                self._full[home] = minute
            raise TooManyRequests((minute + 1) * _MINUTE - now_s) from None
