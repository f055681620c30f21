"""htmlgame site and htmlgame smoke"""

from pathlib import Path
from typing import Final

import click

_PATIENCE_S: Final = 600
"""CloudFront may need minutes until a deploy has reached every edge location."""


_BUILT: Final = Path("cdk.out/site")


@click.command("site")
@click.option("--build", is_flag=True, help=f"Write the files to {_BUILT}, and upload nothing.")
@click.option("--built", is_flag=True, help=f"Upload the files that were built to {_BUILT} before.")
def site(*, build: bool, built: bool) -> None:
    """Upload the arcade to the deployed site: changed files only."""
    if build:
        from operations.site.built import write

        write(_BUILT)
        return
    from config.environments import PRODUCTION
    from operations.account.aws_session import aws_session, core_of
    from operations.account.identity import verify
    from operations.site.built import read
    from operations.site.publish import publish

    files = read(_BUILT) if built else None
    session = aws_session()
    verify(PRODUCTION, core_of(session))
    print(publish(session.client, PRODUCTION, files))


@click.command("smoke")
@click.argument("site")
@click.option("--game", help="The game to play. The default is the one that is over soonest.")
@click.option(
    "--write", is_flag=True, help="Also write the worst score to a board, and remove it again."
)
@click.option(
    "--patience",
    type=float,
    default=_PATIENCE_S,
    show_default=True,
    metavar="SECONDS",
    help="How long to try again after a failure.",
)
def smoke(site: str, game: str | None, patience: float, *, write: bool) -> None:
    """Play through a deployed site, and leave nothing behind.

    A forged score must be refused, and so must an honest play for a period that is
    over. Only --write needs AWS credentials.
    """
    from config.games import load_games
    from local.make.variables import site_named
    from operations.rooms import modules
    from operations.site.smoke import choose, play

    address = site_named(site)
    plan = choose(load_games(), game)
    [sweeping] = modules("sweeper")
    play(address, plan, sweeping.ready() if write else None, patience)
    print(f"{address} is playable")
