"""htmlgame: the operator's command line."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

import click
from botocore.exceptions import BotoCoreError, ClientError

from config.games import GameConfigError
from lambdas.edge.live_limits import LiveLimitsError
from lambdas.edge.patch_plan import PatchRefusedError
from lambdas.shared.http.errors import Refusal
from operations.account.errors import account_problem
from operations.cli import audit_command as audit
from operations.cli.output import printable
from operations.doctor import commands as doctor
from operations.edge import edge_commands as edge
from operations.edge import limit_commands as limits
from operations.errors import OperatorError
from operations.scores import board_commands as boards
from operations.scores import entry_commands as entries
from operations.scores import file_commands as files
from operations.scores import player_commands as players

INTERRUPTED: Final = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
def root() -> None:
    """Run htmlgame: boards, players, limits, keys and the state of it all.

    Works on the account and region of your AWS credentials, or with --local on
    the make dev of this folder. Every command takes --json.
    """


for each in (
    boards.boards,
    boards.top,
    entries.remove,
    entries.hide,
    entries.unhide,
    entries.purge,
    players.player,
    players.ban,
    players.unban,
    players.bans,
    players.rename,
    files.export,
    files.import_,
    limits.limits,
    edge.thresholds,
    edge.trim,
    edge.invalidations,
    edge.keys,
    edge.patch,
    audit.audit,
    doctor.doctor,
):
    root.add_command(each)


def main() -> NoReturn:
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code: 0 done, 1 failed or refused, 2 asked wrongly, 130 interrupted."""
    as_json = "--json" in arguments
    try:
        code = root.main(list(arguments), prog_name="htmlgame", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as help_page:
        click.echo(help_page.format_message(), err=True)
        return help_page.exit_code
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing more may be flushed there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Exception, KeyboardInterrupt) as error:
        failure = _failure(error)
        if failure is None and not as_json:
            raise
        return _tell(failure or Failure("internal", repr(error)), as_json=as_json)
    return code if isinstance(code, int) else 0


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    message: str
    exit_code: int = 1


def _failure(error: BaseException) -> Failure | None:
    """None for what nobody foresaw: its traceback is worth more than a sentence."""
    match error:
        case click.Abort() | KeyboardInterrupt():
            return Failure("interrupted", "interrupted", INTERRUPTED)
        case click.NoSuchOption() if not error.option_name.startswith("--"):
            hint = "An id that begins with - is written after --"
            return Failure("usage", f"{error.format_message()} {hint}", error.exit_code)
        case click.ClickException():
            return Failure("usage", error.format_message(), error.exit_code)
        case OperatorError():
            return Failure(error.code, str(error), error.exit_code)
        case Refusal():
            return Failure(error.code, str(error))
        case PatchRefusedError():
            return Failure("patch_refused", str(error))
        case LiveLimitsError():
            return Failure("limits", str(error))
        case GameConfigError():
            return Failure("game_config", str(error))
        case BotoCoreError() | ClientError():
            return _aws_failure(error)
        case _:
            return None


def _aws_failure(error: Exception) -> Failure:
    """Credentials may expire while a command is at work."""
    known = account_problem(error)
    if known is not None:
        return Failure(known.code, str(known), known.exit_code)
    return Failure("aws", f"AWS did not answer as hoped: {error}")


def _tell(failure: Failure, *, as_json: bool) -> int:
    if as_json:
        text = json.dumps({"error": {"code": failure.code, "message": failure.message}})
    else:
        text = printable(failure.message)
    print(text, file=sys.stderr)
    return failure.exit_code
