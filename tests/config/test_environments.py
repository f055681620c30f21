"""A mistake in config names the file, the field, the problem and the fix."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from config.capabilities.archive import Archive
from config.capabilities.erasure import Erasure
from config.capabilities.telemetry import Telemetry
from config.environments import COMPLETE, DELIVERED, LOCAL
from config.manifests import CAPABILITIES, enabled
from config.model import ConfigError
from config.settings import SignIn, VisitorRates

ISSUER = "https://example.com"
FILE = "config/environments.py: "


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"telemetry": Telemetry(issuer=ISSUER)},
            "environment.telemetry: no such field; fix: capabilities=(Telemetry(…),) in place",
        ),
        (
            {"archive": Archive()},
            "environment.archive: no such field; fix: capabilities=(Archive(…),) in place of it",
        ),
        (
            {"telemetry": None},
            "environment.telemetry: no such field; fix: remove it. A capability is on where",
        ),
        (
            {"capabilities": Archive()},
            "environment.capabilities: not a tuple; fix: (Archive(…),) with the comma",
        ),
        (
            {"capabilities": (Archive(),)},
            "environment.capabilities: Archive needs Telemetry; add Telemetry(…)",
        ),
        (
            {"capabilities": (Telemetry(issuer=ISSUER), Telemetry(issuer=ISSUER))},
            "environment.capabilities: Telemetry is there twice; keep one",
        ),
        ({"log_days": 3}, "environment.log_days: 3; CloudWatch keeps logs for 1, 7, 30, 90, 365"),
        ({"burst": "40"}, "environment.burst: '40': input should be a valid integer"),
    ],
)
def test_a_mistake_in_an_environment_names_the_fix(change: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        replace(DELIVERED, **change)
    assert str(caught.value).startswith(FILE + message)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (lambda: Telemetry(issuer="example.com"), "telemetry.issuer: 'example.com' is not an addr"),
        (lambda: Telemetry(issuer=ISSUER, audience=""), "telemetry.audience: empty"),
        (
            lambda: Telemetry(issuer=ISSUER, count_window_seconds=301),
            "telemetry.count_window_seconds: 301; it must be 0 to 300, as long as Lambda",
        ),
        (
            lambda: Telemetry(issuer=ISSUER, burst=0),
            "telemetry.burst: 0: input should be greater than or equal to 1",
        ),
        (lambda: Archive(window_seconds=30), "archive.window_seconds: 30; it must be 60 to 900"),
        (lambda: Archive(days=0), "archive.days: 0: input should be greater than or equal to 1"),
        (lambda: Erasure(settle_seconds=-1), "erasure.settle_seconds: -1: input should be"),
    ],
)
def test_a_mistake_in_a_capabilitys_settings_names_the_field(
    settings: Callable[[], object], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        settings()
    assert str(caught.value).startswith(FILE + message)


def test_every_mistake_is_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Telemetry(issuer="x", burst=0)
    assert len(str(caught.value).splitlines()) == 2


def test_settings_are_found_by_their_class_or_by_one_that_they_extend() -> None:
    given = replace(
        DELIVERED, capabilities=(Telemetry(issuer=ISSUER, session_requests_a_minute=7),)
    )
    assert given.settings(Telemetry).issuer == ISSUER
    assert given.settings(VisitorRates).session_requests_a_minute == 7
    assert given.given(SignIn) is given.settings(Telemetry)
    assert given.given(Archive) is None
    assert given.settings(Erasure) == Erasure()


def test_local_and_complete_switch_everything_on() -> None:
    assert enabled(LOCAL) == enabled(COMPLETE) == CAPABILITIES


def test_the_default_config_enables_capabilities_that_need_no_settings() -> None:
    assert [each.name for each in enabled(DELIVERED)] == ["scores", "edge"]


def test_a_hosted_capability_is_off_where_its_host_is() -> None:
    on = replace(DELIVERED, capabilities=(Telemetry(issuer=ISSUER),))
    names = {each.name for each in enabled(on)}
    assert "erasure" in names
    assert "archive" not in names
