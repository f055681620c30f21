"""The APIs as visitors reach them: through the site, its distribution and its edge."""

from config import names, paths
from operations.cli.session import Session
from operations.doctor.check import Broken, Skipped, check
from operations.doctor.probe import ask
from operations.telemetry.checks import COLLECTION


@check("site")
def site(session: Session) -> str:
    if session.target.is_local:
        raise Skipped("the local cloud serves no distribution, make dev does")
    distribution = session.target.shared("cloudfront").get_distribution(
        Id=session.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK)
    )
    address = f"https://{distribution['Distribution']['DomainName']}"
    game = next(iter(session.games))
    expected = {paths.GET_RANKING.format(gameId=game.id, period=game.periods[0]): 200}
    if session.target.environment.telemetry is not None:
        expected[COLLECTION] = 401
    for path, status in expected.items():
        answered = ask(address, "GET", path, {})
        if answered != status:
            raise Broken(
                f"GET {address}{path}: {answered}, not {status}",
                "mend what is broken above; else CloudFront is still spreading a change: look "
                "again in some minutes, then htmlgame patch plan",
            )
    return f"{address} reaches {'the API' if len(expected) == 1 else 'both APIs'}"
