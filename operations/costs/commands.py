"""htmlgame cost"""

import click

from operations.costs.month import month_of, options


@click.command("cost")
def cost(**given: str | None) -> None:
    """Estimate dollars a month, from measured units and dated prices.

    \b
    make cost PLAYS=1000000 GAMES=3 VIEWS=5
    make cost PLAYERS=20000              20 plays for each player
    make cost PLAYS=1000000 REFUSED=5000000 ARGS="--forwarded 0.4 --cached 0.95"
    """
    month = month_of({name: text for name, text in given.items() if text is not None})
    from config.environments import PRODUCTION
    from operations.costs.report import report

    print("\n".join(report(month, PRODUCTION)))


cost.params += [
    click.Option([f"--{name.replace('_', '-')}"], help=text) for name, text in options().items()
]
