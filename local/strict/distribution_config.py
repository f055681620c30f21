"""Distribution configs in the emulator's requests."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Final

from local.strict.registry import NAMESPACE, Call, Refusal, refuses

GUIDE: Final = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"
API: Final = "https://docs.aws.amazon.com/cloudfront/latest/APIReference"
CREATE: Final = "cloudfront:CreateDistribution"
UPDATE: Final = "cloudfront:UpdateDistribution"

ConfigCheck = Callable[[ET.Element], Refusal | None]


def tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def text(element: ET.Element, name: str) -> str:
    return (element.findtext(tag(name)) or "").strip()


def config_of(call: Call) -> ET.Element | None:
    """The DistributionConfig, which CreateDistributionWithTags wraps in another element."""
    root = call.xml
    if root is None or root.tag == tag("DistributionConfig"):
        return root
    return root.find(tag("DistributionConfig"))


def behaviours(config: ET.Element) -> Iterator[ET.Element]:
    yield from config.iterfind(tag("DefaultCacheBehavior"))
    yield from config.iterfind("/".join(map(tag, ("CacheBehaviors", "Items", "CacheBehavior"))))


def refuses_config(*calls: str, what: str, source: str) -> Callable[[ConfigCheck], ConfigCheck]:
    """Registers a rule for distribution configs."""

    def register(check: ConfigCheck) -> ConfigCheck:
        @refuses(*calls, what=what, source=source)
        def of_call(call: Call) -> Refusal | None:
            config = config_of(call)
            return None if config is None else check(config)

        return check

    return register
