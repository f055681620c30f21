"""What keeps a command from being carried out, in its own words."""

from typing import ClassVar


class OperatorError(Exception):
    """Ends a command; the exception owns its sentence, which says the mend where there is one."""

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = 1


class WrongArgument(OperatorError):
    code = "usage"
    exit_code = 2

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"{argument}: {problem}")


class NotDeployed(OperatorError):
    code = "not_deployed"

    def __init__(self, parameter: str, stack: str) -> None:
        self.parameter = parameter
        self.stack = stack
        super().__init__(
            f"there is no SSM parameter {parameter} in this account and region: deploy {stack} "
            "there (make deploy), or choose another with AWS_PROFILE or AWS_REGION, or --local"
        )


class NotRunning(OperatorError):
    code = "not_running"

    def __init__(self) -> None:
        super().__init__(
            "--local: no make dev is running in this folder; start it, or leave --local"
        )


class NotFound(OperatorError):
    code = "not_found"


class FunctionFailed(OperatorError):
    code = "function_failed"

    def __init__(self, function: str, message: str) -> None:
        super().__init__(f"{function} failed: {message}")
