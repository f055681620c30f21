"""Last of all: everything is destroyed, and deployed again, as if it had never been."""

import pytest
from botocore.exceptions import ClientError

from config import names
from lambdas.edge.distribution import Distribution
from tests.e2e.conftest import System
from tests.e2e.test_edge import backups
from tests.lambdas.edge.test_patch_plan import canonical


def test_without_the_edge_stack_the_distribution_is_what_it_was(system: System) -> None:
    client = system.cloud.client("cloudfront")
    distribution = Distribution(client, system.parameter(names.DISTRIBUTION_ID))
    original = backups(system)[0]
    assert "htmlgame-scores" not in original
    assert b"htmlgame-scores" in distribution.read().xml
    system.deployment.destroy(names.EDGE_STACK)
    assert canonical(distribution.read().xml) == canonical(original.encode())
    system.deployment.bring_up_to_date()
    assert b"htmlgame-scores" in distribution.read().xml


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
