"""What can be wrong with custom data."""

from lambdas.shared.http.errors import Conflict, Forbidden, Unknown, Unprocessable


class UnknownItem(Unknown):
    code = "unknown_item"

    def __init__(self) -> None:
        super().__init__("id: there is no such item in this collection")


class NotYours(Forbidden):
    code = "not_yours"

    def __init__(self) -> None:
        super().__init__("id: only who made an item may change or delete it")


class IdTaken(Conflict):
    code = "id_taken"

    def __init__(self) -> None:
        super().__init__("id: another has this id already; make a fresh one")


class TooManyCollections(Unprocessable):
    code = "too_many_collections"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"collection: there are {most} already; more are only those that the project declares"
        )
