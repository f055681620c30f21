"""Data: what games keep for their players, in collections."""

from typing import Annotated, Final

from pydantic import Field

from config import names
from config.manifest import Capability, Function, Table, own_pattern
from config.model import CapabilitySettings, model


@model
class Data(CapabilitySettings):
    items_a_project: Annotated[int, Field(ge=1, le=100_000)] = 50_000
    """How many items a project may keep, in all its collections."""
    undeclared_collections: bool = False
    """Whether games may begin collections that their project's settings do not declare."""


TABLE: Final = Table(
    id="DataTable",
    parameter=names.parameter("telemetry", "data-table"),
    eraser_may=("Query", "BatchWriteItem", "GetItem"),
    forgetter_may=("Query", "BatchWriteItem", "GetItem"),
)
API: Final = Function(
    id="Data",
    name=f"{names.PROJECT}-telemetry-data",
    module="lambdas.data.api",
    # Counting a full project's items takes a second for each 20,000 of a kilobyte.
    timeout_seconds=29,
    share=0.1,
)

CAPABILITY: Final = Capability(
    name="data",
    host="telemetry",
    settings=Data,
    always=True,
    functions=(API,),
    tables=(TABLE,),
    patterns=(own_pattern("data"),),
)
