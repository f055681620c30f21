"""Refusals of events."""

from lambdas.shared.http.errors import Unprocessable


class EventNotAllowed(Unprocessable):
    code = "event_not_allowed"

    def __init__(self) -> None:
        super().__init__("eventName: not one of the events in this project's settings")


class EventTwice(Unprocessable):
    code = "event_twice"

    def __init__(self) -> None:
        super().__init__("id: another event in this batch has this id; give each its own")
