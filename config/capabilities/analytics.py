"""Analytics: what creators read of their projects' counters."""

from typing import Final

from config import names
from config.manifest import Capability, Function, own_pattern

API: Final = Function(
    id="Analytics",
    name=f"{names.PROJECT}-telemetry-analytics",
    module="lambdas.analytics.api",
    share=0.05,
)

CAPABILITY: Final = Capability(
    name="analytics",
    host="telemetry",
    always=True,
    functions=(API,),
    patterns=(own_pattern("analytics"),),
)
