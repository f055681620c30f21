"""Settings of the live distribution that conflict with the patch or the API."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lambdas.edge.distribution_grants import DistributionGrants, needed_grants
from lambdas.edge.patch_elements import tag
from operations.docs.pages import YOUR_OWN_SITE

ANSWERED: Final = frozenset({400, 403, 404, 405, 500, 502, 503, 504})
"""Statuses that the API returns and for which CloudFront accepts an error page."""

REWRITE: Final = (
    f"{YOUR_OWN_SITE}#error-pages shows the function on the default behaviour "
    "that replaces "
    "such error pages"
)


@dataclass(frozen=True, slots=True)
class Notice:
    what: str
    fix: str
    blocks: bool = False
    """Whether CloudFront refuses the patch until it is fixed."""


def notices(xml: bytes, granted: DistributionGrants) -> Iterator[Notice]:
    pages = error_pages(xml)
    if pages:
        yield Notice(f"error pages: {pages}", REWRITE)
    config = ET.fromstring(xml)
    yield from _grants(needed_grants(config), granted)
    if config.findtext(tag("ContinuousDeploymentPolicyId")):
        yield Notice(
            "a continuous deployment policy sends some visitors to a staging distribution, which "
            "has no API; promoting its config removes ours until the drift guard adds it again",
            "do not use continuous deployment while people play, or run htmlgame patch apply "
            "after each promotion",
        )


def error_pages(xml: bytes) -> str:
    """The answers of the API that CloudFront replaces with a page; empty if it replaces none."""
    config = ET.fromstring(xml)
    replaced = sorted({*_replaced(config)})
    if not replaced:
        return ""
    codes = ", ".join(str(code) for code, _ in replaced)
    pages = ", ".join(sorted({page for _, page in replaced}))
    return (
        f"CloudFront replaces {codes} on every path with {pages}, so games get a web page where "
        "the API refuses something"
    )


def _replaced(config: ET.Element) -> Iterator[tuple[int, str]]:
    for response in config.iter(tag("CustomErrorResponse")):
        page = response.findtext(tag("ResponsePagePath"))
        code = int(response.findtext(tag("ErrorCode")) or 0)
        if page and code in ANSWERED:
            yield code, page


def _grants(needed: DistributionGrants, granted: DistributionGrants) -> Iterator[Notice]:
    missing = needed.beyond(granted)
    if missing != DistributionGrants():
        yield Notice(
            f"UpdateDistribution checks the whole config and needs {missing.described()}, which "
            "the patch's roles lack",
            f"{needed.config_line()} in PRODUCTION of config/environments.py",
            blocks=True,
        )
    unused = granted.beyond(needed)
    if unused != DistributionGrants():
        yield Notice(
            f"the patch's roles may do more than this distribution needs: {unused.described()}",
            f"{needed.config_line()} in PRODUCTION of config/environments.py",
        )
