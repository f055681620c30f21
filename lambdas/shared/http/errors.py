"""The kinds of refusals, and the HTTP status of each."""

from collections.abc import Mapping
from typing import ClassVar, Final


class Refusal(Exception):
    """A request is answered with this error. The exception writes its own message."""

    code: ClassVar[str]
    retry_after: int | None = None
    """In seconds, where the same request may succeed later."""
    measured: Mapping[str, int] = {}
    """Goes into the content type, which CloudFront's log has."""


class Malformed(Refusal):
    code = "malformed"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")


class Unauthorized(Refusal):
    code = "unauthorized"


class Forbidden(Refusal):
    code = "forbidden"


class Unknown(Refusal):
    code = "unknown"


class Conflict(Refusal):
    code = "conflict"


class TooLate(Refusal):
    code = "too_late"


class Unprocessable(Refusal):
    code = "unprocessable"


class TooMany(Refusal):
    code = "too_many"

    def __init__(self, why: str, retry_after: int) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Busy(Refusal):
    code = "busy"
    retry_after = 1

    def __init__(
        self, why: str = "too many requests at once; send the same request again in a second"
    ) -> None:
        super().__init__(why)


STATUS: Final[dict[type[Refusal], int]] = {
    Malformed: 400,
    Unauthorized: 401,
    Forbidden: 403,
    Unknown: 404,
    Conflict: 409,
    TooLate: 410,
    Unprocessable: 422,
    TooMany: 429,
    Busy: 503,
}


def status_of(refusal: Refusal) -> int:
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)
