"""What all commands share: --json, --local, and the session that the function receives."""

from collections.abc import Callable
from contextlib import closing
from functools import wraps
from typing import Any

import click

from operations.cli.change import Consent
from operations.cli.output import Output
from operations.cli.session import Session
from operations.cli.target import Target


def command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """The function receives the session first, then its own arguments and options."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @wraps(function)
        def run(*, as_json: bool, local: bool, **arguments: Any) -> None:
            target = Target.of_make_dev() if local else Target.of_credentials()
            with closing(target):
                function(Session(target, Output(as_json=as_json)), **arguments)

        made = click.command(name)(run)
        made.params += [
            click.Option(["--json", "as_json"], is_flag=True, help="JSON on stdout and stderr."),
            click.Option(["--local"], is_flag=True, help="Work on the make dev of this folder."),
        ]
        return made

    return decorate


def changes(function: Callable[..., None]) -> Callable[..., None]:
    """For a command that changes something: the function receives the operator's consent."""

    @click.option("--yes", is_flag=True, help="Do it without asking.")
    @click.option("--dry-run", is_flag=True, help="Show what it would do, and do nothing.")
    @wraps(function)
    def run(session: Session, *, yes: bool, dry_run: bool, **arguments: Any) -> None:
        function(session, Consent(yes=yes, dry_run=dry_run), **arguments)

    return run
