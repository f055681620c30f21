"""What keeps a command from being carried out, in its own words."""

from typing import ClassVar, Final

_MOST_TOLD: Final = 200


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


class AccountError(OperatorError):
    """The AWS account cannot be used: what is wrong, and the fix, in one line."""

    code = "aws_account"

    def __init__(self, problem: str, fix: str) -> None:
        self.problem = problem
        self.fix = fix
        super().__init__(f"{problem}; fix: {fix}")


def last_line(text: str) -> str:
    """Of what a program or a service says; the last line is the one that says what is wrong."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return lines[-1][:_MOST_TOLD] if lines else "without a word"
