"""A stack is deployed after the stacks that it reads from, and two never wait for each other."""

import pytest

from config.model import ConfigError
from stacks.shared.order import direct_needs


def test_only_direct_needs_are_left() -> None:
    needs = {"Front": set(), "Api": {"Front"}, "Edge": {"Api", "Front"}, "Ops": {"Edge", "Front"}}
    assert direct_needs(needs) == {
        "Front": set(),
        "Api": {"Front"},
        "Edge": {"Api"},
        "Ops": {"Edge"},
    }


def test_stacks_that_need_each_other_are_refused() -> None:
    with pytest.raises(ConfigError, match="read each other's parameters"):
        direct_needs({"Toy": {"Telemetry"}, "Telemetry": {"Other"}, "Other": {"Toy"}})
