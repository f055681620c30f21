"""Why requests about creators' functions are refused."""

from collections.abc import Mapping

from lambdas.shared.http.errors import Conflict, Forbidden, TooLate, Unknown, Unprocessable


class UnknownFunction(Unknown):
    code = "unknown_function"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no active function {name!r} in this project")


class UnknownVersion(Unknown):
    code = "unknown_version"

    def __init__(self, version: int) -> None:
        super().__init__(f"the function has no version {version}")


class FunctionChanged(Conflict):
    code = "function_changed"

    def __init__(self) -> None:
        super().__init__("the function was changed at the same moment; send the request again")


class TooManyFunctions(Conflict):
    code = "too_many_functions"

    def __init__(self, most: int) -> None:
        super().__init__(f"the project has {most} functions, which is the most; delete one")


class LanguageNotAllowed(Forbidden):
    code = "language_not_allowed"

    def __init__(self, language: str) -> None:
        super().__init__(f"this API user may not use functions in {language}")


class NotForPlayers(Forbidden):
    code = "not_for_players"

    def __init__(self) -> None:
        super().__init__(
            "players may not run this function; its creator allows it with forPlayers: true in "
            "function.json"
        )


class SourceRefused(Unprocessable):
    code = "source_refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)


class ExampleFailed(Unprocessable):
    code = "example_failed"

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"examples[{number}]: {why}")


class InputRefused(Unprocessable):
    code = "input_refused"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)


class RunFailed(Unprocessable):
    """The code begins with function_: it is the function's own failure."""

    code = "function_failed"

    def __init__(self, code: str, message: str, measured: Mapping[str, int]) -> None:
        super().__init__(message)
        self.code = f"function_{code}"  # type: ignore[misc]
        self.measured = measured


class UnknownSession(Unknown):
    code = "unknown_session"

    def __init__(self) -> None:
        super().__init__("there is no such session of this function")


class SessionOver(TooLate):
    code = "session_over"

    def __init__(self) -> None:
        super().__init__("the session has expired or was used up; begin a new one")
