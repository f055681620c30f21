"""Errors that end a command."""

from typing import ClassVar, Final

_MOST_CHARACTERS: Final = 200


class OperatorError(Exception):
    """Ends a command. Its message says what is wrong, and the fix where there is one."""

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = 1


class WrongArgument(OperatorError):
    code = "usage"
    exit_code = 2

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"{argument}: {problem}")


class NotDeployed(OperatorError):
    code = "not_deployed"

    def __init__(self, parameter: str, stack: str, *, kind: str = "SSM parameter") -> None:
        self.parameter = parameter
        self.stack = stack
        super().__init__(
            f"there is no {kind} {parameter} in this account and region: deploy {stack} there "
            "(make deploy), choose another account or region with AWS_PROFILE or AWS_REGION, or "
            "use --local"
        )


class NotRunning(OperatorError):
    code = "not_running"

    def __init__(self) -> None:
        super().__init__(
            "--local: no make dev is running in this folder; start one, or leave out --local"
        )


class NotFound(OperatorError):
    code = "not_found"


class FunctionFailed(OperatorError):
    code = "function_failed"

    def __init__(self, function: str, message: str) -> None:
        super().__init__(f"{function} failed: {message}")


class AccountError(OperatorError):
    """The AWS account cannot be used: what is wrong, and the fix, in one line."""

    code = "aws_account"

    def __init__(self, problem: str, fix: str) -> None:
        self.problem = problem
        self.fix = fix
        super().__init__(f"{problem}; fix: {fix}")


def last_line(text: str) -> str:
    """The last line of an output, which usually says what is wrong."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return lines[-1][:_MOST_CHARACTERS] if lines else "no message"
