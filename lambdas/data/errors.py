"""Refusals of requests for custom data."""

from lambdas.shared.http.errors import Conflict, Forbidden, Unknown, Unprocessable


class UnknownItem(Unknown):
    code = "unknown_item"

    def __init__(self) -> None:
        super().__init__("id: there is no such item in this collection")


class NotYours(Forbidden):
    code = "not_yours"

    def __init__(self) -> None:
        super().__init__("id: only its owner may change or delete an item")


class IdTaken(Conflict):
    code = "id_taken"

    def __init__(self) -> None:
        super().__init__("id: another item has this id; make a new one")


class TooManyCollections(Unprocessable):
    code = "too_many_collections"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"collection: the project has {most} already; declare further ones in its settings"
        )
