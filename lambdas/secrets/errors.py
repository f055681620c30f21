"""What can be wrong with the key of a secret."""

from lambdas.shared.http.errors import Unknown, Unprocessable


class TooManyKeys(Unprocessable):
    code = "too_many_keys"

    def __init__(self, most: int) -> None:
        super().__init__(f"key: there are {most} already, the most there can be; delete one first")


class UnknownKey(Unknown):
    code = "unknown_key"

    def __init__(self) -> None:
        super().__init__("key: there is none of this name")
