"""What creators' functions cost."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from config.capabilities import runner
from config.capabilities.runner import Runner
from config.environments import COMPLETE, DELIVERED, Environment
from config.units import Usage
from operations.costs.bill import at_list_price
from operations.costs.month import Month, Quantity
from operations.costs.part import Part
from operations.costs.tables import table

QUANTITIES: Final = (
    Quantity(name="function_runs", default=0, help="runs of creators' functions in the month"),
    Quantity(name="cached_runs", default=0, help="answers of creators' functions that were kept"),
)


def environment_for(month: Month, environment: Environment) -> Environment:
    """An estimate with runs assumes that functions are deployed, with what they need."""
    if _runs(month) and environment.given(Runner) is None:
        host, here = runner.CAPABILITY.host, environment.capabilities
        needed = [
            each
            for each in COMPLETE.capabilities
            if type(each).__name__.lower() in (host, runner.CAPABILITY.name)
            and not any(isinstance(own, type(each)) for own in here)
        ]
        return replace(environment, capabilities=(*here, *needed))
    return environment


def assumed(month: Month) -> Iterator[str]:
    if _runs(month):
        yield f"{_runs(month):,.0f} runs of functions"


def parts(month: Month, environment: Environment) -> Iterator[Part]:
    if environment.given(Runner) is not None:
        ran = runner.RUN * month["function_runs"] + runner.CACHED * month["cached_runs"]
        yield Part("functions", ran)


def requests() -> dict[str, Usage]:
    return {
        "functions: a run": runner.RUN,
        "functions: a run in a session": runner.IN_A_SESSION,
        "functions: a cached answer": runner.CACHED,
    }


def sections() -> dict[str, str]:
    environment = replace(DELIVERED, capabilities=COMPLETE.capabilities)
    rows = []
    for name, usage in requests().items():
        cost = at_list_price(usage * 1e6, Month(plays=0), environment)
        rows.append([f"a million of: {name.partition(': ')[2]}", f"${cost:,.2f}"])
    return {"functions": table(["", "dollars"], rows)}


def _runs(month: Month) -> float:
    return month["function_runs"] + month["cached_runs"]
