"""htmlgame cost"""

import click


class _Cost(click.Command):
    """Its options come from every capability's costs.py, which other commands do not import."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        from operations.costs.month import options

        given = [
            click.Option([f"--{name.replace('_', '-')}"], help=text)
            for name, text in options().items()
        ]
        return [*given, *super().get_params(ctx)]


@click.command("cost", cls=_Cost)
def cost(**given: str | None) -> None:
    """Estimate dollars a month, from measured units and dated prices.

    \b
    make cost PLAYS=1000000 GAMES=3 VIEWS=5
    make cost PLAYERS=20000              20 plays for each player
    make cost PLAYS=1000000 REFUSED=5000000 ARGS="--forwarded 0.4 --cached 0.95"
    """
    from operations.costs.month import month_of

    month = month_of({name: text for name, text in given.items() if text is not None})
    from config.environments import PRODUCTION
    from operations.costs.report import report

    print("\n".join(report(month, PRODUCTION)))
