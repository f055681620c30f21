"""Erasure: deletes what every capability holds of a project, a player or a creator."""

from typing import Annotated, Final

from pydantic import Field

from config import names
from config.manifest import Capability, Function, Rule
from config.model import CapabilitySettings, model


@model
class Erasure(CapabilitySettings):
    settle_seconds: Annotated[int, Field(ge=0)] = 120
    """Writers trust a deleted project for up to a minute, and count for it for up to another."""


ERASE: Final = Function(
    id="Erase",
    scope="Creators",
    name=f"{names.PROJECT}-telemetry-erase",
    module="lambdas.erasure.erase",
    timeout_seconds=14 * 60,
    rules=(
        Rule(
            id="GoOnErasing", schedule="rate(1 hour)", description="Continues interrupted erasures"
        ),
    ),
    invokes_itself=True,
    erases=True,
)

CAPABILITY: Final = Capability(
    name="erasure",
    host="telemetry",
    settings=Erasure,
    always=True,
    local=Erasure(settle_seconds=2),
    functions=(ERASE,),
)
