"""What can be wrong with an event."""

from lambdas.shared.http.errors import Unprocessable


class EventNotAllowed(Unprocessable):
    code = "event_not_allowed"

    def __init__(self) -> None:
        super().__init__("eventName: not among the events that this project takes")


class EventTwice(Unprocessable):
    code = "event_twice"

    def __init__(self) -> None:
        super().__init__("id: another event of this batch has it; each needs an id of its own")
