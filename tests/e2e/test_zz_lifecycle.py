"""Last of all: everything is destroyed, and deployed again, as if it had never been."""

import pytest
from botocore.exceptions import ClientError

from config import names
from tests.e2e.conftest import System


def test_destroyed_nothing_is_left_and_deployed_again_all_is_there(system: System) -> None:
    system.origin.submit("snake", "all", "z" * 22, score=1, time_ms=5000, play="before")
    system.deployment.destroy_everything()
    with pytest.raises(ClientError, match="ParameterNotFound"):
        system.parameter(names.ORIGIN_LOCK)
    assert not system.cloud.client("dynamodb").list_tables()["TableNames"]
    assert not system.cloud.client("lambda").list_functions()["Functions"]
    assert not [
        group["logGroupName"]
        for group in system.cloud.client("logs").describe_log_groups()["logGroups"]
        if names.PROJECT in group["logGroupName"]
    ]
    system.deployment.bring_up_to_date()
    submitted = system.origin.submit("snake", "all", "z" * 22, score=2, time_ms=5000, play="after")
    assert submitted.body["results"]["all"]["rank"] == 1
    assert len(system.origin.ranking("snake", "all").body["items"]) == 1
