"""Why questions about functions are refused."""

from lambdas.shared.http.errors import Unknown


class UnknownFunction(Unknown):
    code = "unknown_function"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no function {name!r}; GET …/functions lists them")
