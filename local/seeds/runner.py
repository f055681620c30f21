"""The functions that come as examples, pushed for the demo's API user."""

import json
import time
from typing import Final

from config.capabilities import runner
from lambdas.runner.function_table import FunctionTable
from lambdas.runner.functions import LANGUAGE, Function, version_in
from lambdas.shared.values.clock import iso
from local.bootstrap import ROOT
from local.cloud import Cloud

_PROJECT: Final = "demo"
_EXAMPLES: Final = ROOT / "examples" / "functions"


def seed(cloud: Cloud) -> None:
    """Leaves functions that exist as they are."""
    ssm = cloud.client("ssm")
    name = ssm.get_parameter(Name=runner.FUNCTIONS.parameter)["Parameter"]["Value"]
    table = FunctionTable(cloud.client("dynamodb"), name)
    known = {each.name for each in table.functions(_PROJECT)}
    now = iso(time.time_ns() // 1_000_000)
    for folder in sorted(_EXAMPLES.iterdir()):
        function = f"{LANGUAGE}-{folder.name}"
        if function not in known:
            said = json.loads((folder / "function.json").read_text(encoding="utf-8"))
            source = (folder / "function.js").read_text(encoding="utf-8")
            body = json.dumps({**said, "source": source}).encode()
            version = version_in(body, now=now, by=_PROJECT)
            table.add(Function(project=_PROJECT, name=function), version)
