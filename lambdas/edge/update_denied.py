"""Says which permission UpdateDistribution lacked, and which line of config grants it."""

import re
import xml.etree.ElementTree as ET
from typing import Final

from botocore.exceptions import ClientError

from lambdas.edge.distribution_grants import needed_grants

_MISSING_ACTION: Final = re.compile(r"(?:perform|permission): ?([a-z0-9-]+:\w+\*?)")
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException"})


def denial(error: ClientError, xml: bytes) -> str | None:
    """None where the error is not about a missing permission."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    named = _MISSING_ACTION.search(message)
    if code not in _DENIED and named is None:
        return None
    if named and named[1] == "cloudfront:UpdateDistribution":
        return None
    needed = needed_grants(ET.fromstring(xml))
    wants = [action for actions, _ in needed.permissions() for action in actions]
    if named and named[1].rstrip("*") not in {action.rstrip("*") for action in wants}:
        return (
            f"UpdateDistribution lacks {named[1]}: {message} htmlgame has no setting for this "
            "permission: add it to the roles of htmlgame-distribution-patch and "
            "htmlgame-drift-guard"
        )
    if not wants:
        return None
    return (
        f"UpdateDistribution lacks {named[1] if named else ' or '.join(wants)}: {message} "
        "CloudFront checks the whole config with its caller's permissions, and this config needs "
        f"{needed.described()}. Add to PRODUCTION in config/environments.py: "
        f"{needed.config_line()}"
    )
