"""The APIs as visitors reach them: through the site, its distribution and its edge."""

from config import names
from config.manifests import enabled
from operations.cli.output import counted
from operations.cli.session import Session
from operations.doctor.check import check
from operations.doctor.probe import Probe, ask
from operations.findings import Broken, Skipped
from operations.rooms import modules


def probes(session: Session) -> list[Probe]:
    """Of the capabilities of this environment that have an API."""
    wanted = [capability.name for capability in enabled(session.target.environment)]
    return [module.probe() for module in modules("probes", wanted)]


@check("site")
def site(session: Session) -> str:
    if session.target.is_local:
        raise Skipped("the local cloud serves no distribution; make dev does")
    distribution = session.target.shared("cloudfront").get_distribution(
        Id=session.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK)
    )
    address = f"https://{distribution['Distribution']['DomainName']}"
    asked = [probe.public for probe in probes(session)]
    for each in asked:
        answered = ask(address, each.method, each.path, {})
        if answered != each.status:
            raise Broken(
                f"{each.method} {address}{each.path}: {answered}, not {each.status}",
                "fix what is broken above. If nothing is, CloudFront is still deploying a change: "
                "check again in some minutes, then run htmlgame patch plan",
            )
    return f"{address} reaches {counted(len(asked), 'API')}"
