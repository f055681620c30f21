"""The distribution configs of tests/lambdas/edge/distributions, as XML."""

import json
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer

FOLDER = Path(__file__).parent / "distributions"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def _update() -> Any:
    model = ServiceModel(Loader().load_service_model("cloudfront", "service-2"))
    return model.operation_model("UpdateDistribution")


def live_json(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def as_xml(config: Any) -> bytes:
    parameters = {"Id": "E1EXAMPLE", "IfMatch": "E2EXAMPLE", "DistributionConfig": config}
    serializer = create_serializer("rest-xml", include_validation=True)
    body: bytes = serializer.serialize_to_request(parameters, _update())["body"]
    return body


@cache
def live(name: str) -> bytes:
    return as_xml(live_json(name))


def canonical(xml: bytes | ET.Element) -> str:
    data = xml if isinstance(xml, bytes) else ET.tostring(xml)
    return ET.canonicalize(data.decode(), strip_text=False)
