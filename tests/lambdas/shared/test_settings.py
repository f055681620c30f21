"""A function's settings are written once; the stack and the function read the same names."""

from dataclasses import dataclass

import pytest

from lambdas.shared.settings import MissingSetting, Settings


@dataclass(frozen=True, kw_only=True)
class Example(Settings):
    table_name: str
    most_rows: int


def test_the_function_reads_the_settings_that_the_stack_writes() -> None:
    settings = Example(table_name="t", most_rows=3)
    assert settings.to_environment() == {"TABLE_NAME": "t", "MOST_ROWS": "3"}
    assert Example.from_environment(settings.to_environment()) == settings


def test_a_missing_setting_fails_by_name() -> None:
    with pytest.raises(MissingSetting, match="MOST_ROWS"):
        Example.from_environment({"TABLE_NAME": "t"})
