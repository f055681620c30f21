"""The rest of the site's distribution, as far as the API and the patch depend on it."""

from config import names
from lambdas.edge.distribution import Distribution
from operations.doctor.check import Broken, check
from operations.cli.session import Desk
from operations.edge.live_distribution import REWRITE, error_pages, notices


def _config(desk: Desk) -> bytes:
    distribution_id = desk.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK)
    return Distribution(desk.place.shared("cloudfront"), distribution_id).read().xml


@check("error pages")
def pages(desk: Desk) -> str:
    hidden = error_pages(_config(desk))
    if hidden:
        raise Broken(hidden, REWRITE)
    return "none replaces an answer of the API"


@check("patch permissions")
def permissions(desk: Desk) -> str:
    granted = desk.place.environment.distribution_grants
    for notice in notices(_config(desk), granted):
        if notice.blocks:
            raise Broken(notice.what, f"{notice.fix}; then make deploy")
    return "the patch may write all that the distribution contains"
