"""Insights: its API, and whether CloudFront writes the log."""

from config import names
from config.alarms import CLOUDFRONT_REGION
from config.capabilities import insights
from operations.cli.session import Session
from operations.deployed import has
from operations.doctor.check import check
from operations.doctor.probe import check_api
from operations.findings import Broken, Skipped
from operations.insights.probes import probe


@check("insights API")
def api(session: Session) -> str:
    _skip_where_off(session)
    return check_api(session, probe())


@check("access log")
def access_log(session: Session) -> str:
    """The delivery exists. That files arrive shows in the counts."""
    _skip_where_off(session)
    logs = session.target.shared("logs", CLOUDFRONT_REGION)
    destination = f":delivery-destination:{insights.LOG.name}"
    pages = logs.get_paginator("describe_deliveries").paginate()
    found = [
        each
        for page in pages
        for each in page["deliveries"]
        if each["deliveryDestinationArn"].endswith(destination)
    ]
    if not found:
        raise Broken(
            f"CloudFront writes no log to {insights.LOG.name} for the distribution in "
            f"{names.DISTRIBUTION_ID}",
            "htmlgame patch apply sets it up",
        )
    return f"{len(found[0]['recordFields'])} fields of each request"


def _skip_where_off(session: Session) -> None:
    if not has(session.target.environment, insights.CAPABILITY.name):
        raise Skipped("no Insights(…) in capabilities of config/environments.py")
