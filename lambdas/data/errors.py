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


class UndeclaredCollection(Unprocessable):
    code = "undeclared_collection"

    def __init__(self, collection: str) -> None:
        declaration = f'"collections": {{"{collection}": "public"}}'
        super().__init__(
            f"collection: {collection} is not one of this project's collections; its creator "
            f"declares it in the project's settings: {declaration}"
        )


class QuotaUsed(Unprocessable):
    code = "quota_used"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"data: the project keeps {most} items already, which is its quota; delete some first"
        )


class TooManyCollections(Unprocessable):
    code = "too_many_collections"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"collection: the project has {most} already; declare further ones in its settings"
        )
