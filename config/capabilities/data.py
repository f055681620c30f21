"""Data: what games keep for their players, in collections."""

from typing import Final

from config import names
from config.manifest import Capability, Function, Table, own_pattern

TABLE: Final = Table(
    id="DataTable",
    parameter=names.parameter("telemetry", "data-table"),
    eraser_may=("Query", "BatchWriteItem", "GetItem"),
)
API: Final = Function(id="Data", name=f"{names.PROJECT}-telemetry-data", module="lambdas.data.api")

CAPABILITY: Final = Capability(
    name="data",
    host="telemetry",
    always=True,
    functions=(API,),
    tables=(TABLE,),
    patterns=(own_pattern("data"),),
)
