"""htmlgame cost"""

from dataclasses import fields

import click

from operations.costs.month import HELP, PLAYS_EACH, Month, month_of


@click.command("cost")
def cost(**options: str | None) -> None:
    """Estimate dollars a month, from measured units and dated prices.

    \b
    make cost PLAYS=1000000 GAMES=3 VIEWS=5
    make cost PLAYERS=20000              20 plays for each player
    make cost PLAYS=1000000 REFUSED=5000000 ARGS="--forwarded 0.4 --cached 0.95"
    """
    month = month_of({name: text for name, text in options.items() if text is not None})
    from config.environments import PRODUCTION
    from operations.costs.report import report

    print("\n".join(report(month, PRODUCTION)))


def _options() -> list[click.Parameter]:
    month: list[click.Parameter] = [
        click.Option(
            [f"--{each.name.replace('_', '-')}"],
            help=f"{HELP[each.name]} ({_default(each.default)})",
        )
        for each in fields(Month)
    ]
    return [*month, click.Option(["--players"], help=f"instead of plays: {PLAYS_EACH} each")]


def _default(value: object) -> str:
    return f"{value:,g}" if isinstance(value, int | float) else str(value)


cost.params += _options()
