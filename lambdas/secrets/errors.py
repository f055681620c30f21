"""Refusals of requests for secrets."""

from lambdas.shared.http.errors import Unknown, Unprocessable


class TooManyKeys(Unprocessable):
    code = "too_many_keys"

    def __init__(self, most: int) -> None:
        super().__init__(f"key: you have {most} already, which is the limit; delete one first")


class UnknownKey(Unknown):
    code = "unknown_key"

    def __init__(self) -> None:
        super().__init__("key: no secret has this name")
