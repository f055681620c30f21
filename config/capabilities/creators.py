"""Creators: their projects, their audit and their erasures."""

from typing import Final

from config import names
from config.manifest import AppendOnly, Capability, Function, Pattern, Table
from lambdas.shared.records.audit import audit_partition

TABLE: Final = Table(
    id="CreatorTable",
    parameter=names.parameter("telemetry", "creator-table"),
    holds=("projects",),
    append_only=AppendOnly(partitions=(audit_partition("*", "*"),), in_transactions=True),
    eraser_may=("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
)
API: Final = Function(
    id="Projects",
    scope="Creators",
    name=f"{names.PROJECT}-telemetry-projects",
    module="lambdas.creators.api",
    share=0.05,
)

CAPABILITY: Final = Capability(
    name="creators",
    host="telemetry",
    always=True,
    functions=(API,),
    tables=(TABLE,),
    patterns=(Pattern(path="creator*", writes=True), Pattern(path="project*", writes=True)),
)
