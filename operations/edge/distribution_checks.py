"""The rest of the site's distribution, as far as the API and the patch depend on it."""

from config import names
from lambdas.edge.distribution import Distribution
from operations.cli.session import Session
from operations.doctor.check import Broken, check
from operations.edge.live_distribution import REWRITE, error_pages, notices


def _config(session: Session) -> bytes:
    distribution_id = session.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK)
    return Distribution(session.target.shared("cloudfront"), distribution_id).read().xml


@check("error pages")
def pages(session: Session) -> str:
    hidden = error_pages(_config(session))
    if hidden:
        raise Broken(hidden, REWRITE)
    return "none replaces an answer of the API"


@check("patch permissions")
def permissions(session: Session) -> str:
    granted = session.target.environment.distribution_grants
    for notice in notices(_config(session), granted):
        if notice.blocks:
            raise Broken(notice.what, f"{notice.fix}; then make deploy")
    return "the patch may write all that the distribution contains"
