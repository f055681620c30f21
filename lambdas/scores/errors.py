"""Refusals of scores."""

from collections.abc import Iterable

from lambdas.shared.http.errors import Busy, Conflict, TooLate, Unknown, Unprocessable


class UnknownGame(Unknown):
    code = "unknown_game"

    def __init__(self) -> None:
        super().__init__("gameId: there is no such game here")


class UnknownPeriod(Unknown):
    code = "unknown_period"

    def __init__(self, text: str, offered: Iterable[str]) -> None:
        super().__init__(
            f"period: {text[:40]!r} is not one of this game's periods: {', '.join(offered)}, "
            "or an id such as 2026-11, 2026-W47 or 2026-11-21 that has begun"
        )


class NoSuchRanking(Unknown):
    code = "unknown_period"

    def __init__(self, period_id: str, since: str) -> None:
        super().__init__(f"period: {period_id} ended before {since}, this game's first day")


class PeriodClosed(TooLate):
    code = "period_closed"

    def __init__(self, period_id: str) -> None:
        super().__init__(f"period: {period_id} is closed; it can be read, not written")


class BoardTooLarge(Busy):
    def __init__(self) -> None:
        super().__init__("this board is being trimmed after an import; try again later")


class NotThatPeriod(TooLate):
    code = "period_closed"

    def __init__(self, period_id: str) -> None:
        super().__init__(f"period: the play ended before {period_id} began")


class GraceOver(TooLate):
    code = "grace_over"

    def __init__(self, grace_ms: int) -> None:
        super().__init__(
            f"X-Play-Id: the play ended too long ago; submit within {grace_ms // 1000} s"
        )


class PlayAlreadySubmitted(Conflict):
    code = "play_already_submitted"

    def __init__(self) -> None:
        super().__init__("X-Play-Id: this play was already submitted with other values")


class OutOfLimits(Unprocessable):
    code = "out_of_limits"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
