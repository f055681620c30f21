"""htmlgame: the one command line for people."""

import errno
import json
import os
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Final, NoReturn

import click

from operations.errors import OperatorError
from operations.rooms import NAMES, ROOT, members, modules

INTERRUPTED: Final = 130
_FILE_ERRORS: Final = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EIO,
}
_ROOMS: Final = ("deploy", "costs", "site", "cli", "doctor", "verify_aws", *NAMES)
"""Where commands are looked for; the cheapest to import come first."""


class Commands(click.Group):
    """The commands of operations/<room>/*commands.py.

    A room is imported when a command is looked for in it, so that a command of an early room
    starts without the SDKs that later ones need.
    """

    @cached_property
    def _found(self) -> dict[str, click.Command]:
        return {}

    @cached_property
    def _left(self) -> Iterator[ModuleType]:
        return modules("*commands", _ROOMS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        while cmd_name not in self._found and self._import_room():
            pass
        return self._found.get(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        while self._import_room():
            pass
        return sorted(self._found)

    def _import_room(self) -> bool:
        module = next(self._left, None)
        if module is None:
            return False
        grouped = {
            each for group in members(module, click.Group) for each in group.commands.values()
        }
        for command in members(module, click.Command):
            if command not in grouped:
                self._found[str(command.name)] = command
        return True


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if not wanted or ctx.resilient_parsing:
        return
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    click.echo(f"{project['name']} {project['version']}")
    ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Print the version and exit.",
)
def root() -> None:
    """Operate htmlgame: deploy it, check it, and change boards, players and the edge.

    Commands work on the account and region of your AWS credentials. With --local
    most of them work on the make dev of this folder.
    """


def main() -> NoReturn:
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Returns the exit code: 0 done, 1 failed or refused, 2 wrong usage, 130 interrupted."""
    as_json = "--json" in arguments
    try:
        code = root.main(list(arguments), prog_name="htmlgame", standalone_mode=False)
        # Here a full disk is a failure; at the interpreter's exit it would be a traceback.
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as help_page:
        click.echo(help_page.format_message(), err=True)
        return help_page.exit_code
    except BrokenPipeError:
        _discard_output()
        return 1
    except (Exception, KeyboardInterrupt) as error:
        failure = _failure(error)
        if isinstance(error, OSError) and error.filename is None:
            _discard_output()
        if failure is None and not as_json:
            raise
        return _report(failure or Failure("internal", repr(error)), as_json=as_json)
    return code if isinstance(code, int) else 0


def _discard_output() -> None:
    """Output that cannot be written must not be flushed at the interpreter's exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    message: str
    exit_code: int = 1


def _failure(error: BaseException) -> Failure | None:
    """None for an unexpected error: its traceback says more than a sentence."""
    match error:
        case click.Abort() | KeyboardInterrupt():
            return Failure("interrupted", "interrupted", INTERRUPTED)
        case click.NoSuchOption() if not error.option_name.startswith("--"):
            hint = "Write an id that begins with - after --"
            return Failure("usage", f"{error.format_message()} {hint}", error.exit_code)
        case click.ClickException():
            return Failure("usage", error.format_message(), error.exit_code)
        case OperatorError():
            return Failure(error.code, str(error), error.exit_code)
        case OSError() if error.errno in _FILE_ERRORS:
            where = f"{error.filename}: " if error.filename else ""
            return Failure("file", f"{where}{error.strerror}")
        case _:
            return _foreign_failure(error)


def _foreign_failure(error: BaseException) -> Failure | None:
    """For errors of other rooms, which take long to import."""
    from botocore.exceptions import BotoCoreError, ClientError

    from config.model import ConfigError
    from lambdas.shared.errors import ExplainedError
    from lambdas.shared.http.errors import Refusal
    from local.terminal.errors import VariableError

    match error:
        case VariableError():
            return Failure("usage", str(error), click.UsageError.exit_code)
        case Refusal() | ExplainedError():
            return Failure(error.code, str(error))
        case ConfigError():
            return Failure("game_config", str(error))
        case BotoCoreError() | ClientError():
            return _aws_failure(error)
        case _:
            return None


def _aws_failure(error: Exception) -> Failure:
    """Credentials may expire while a command runs."""
    from operations.account.errors import account_problem

    known = account_problem(error)
    if known is not None:
        return Failure(known.code, str(known), known.exit_code)
    return Failure("aws", f"AWS returned an error: {error}")


def _report(failure: Failure, *, as_json: bool) -> int:
    if as_json:
        text = json.dumps({"error": {"code": failure.code, "message": failure.message}})
    else:
        text = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in failure.message)
    print(text, file=sys.stderr)
    return failure.exit_code
