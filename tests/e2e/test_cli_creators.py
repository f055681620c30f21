"""An operator erases a creator by the same job as the creator's own request."""

from config.capabilities import creators
from local.edge.server import LocalEdge
from tests.e2e.conftest import System
from tests.e2e.creator import Creator, until
from tests.e2e.operator import Operator


def test_a_creator_is_erased_with_projects_and_the_job_says_what_it_removed(
    htmlgame: Operator, system: System
) -> None:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    try:
        creator = Creator(edge.url, system.cloud.issuer, "to-be-erased@example.com")
        creator.project(name="Tower")
    finally:
        edge.stop()
    planned = htmlgame("creators", "erase", creator.id, "--dry-run", "--json").json
    assert (planned["done"], planned["planned"]) == (False, {"projects": 1})
    assert [each["name"] for each in planned["projects"]] == ["Tower"]
    erased = htmlgame("creators", "erase", creator.id, "--yes", "--json").json
    again = htmlgame("creators", "erase", creator.id, "--yes", "--json").json
    assert again["jobId"] == erased["jobId"]

    job = until(
        lambda: htmlgame("creators", "job", erased["jobId"], "--json").json,
        lambda found: found["status"] == "done",
    )
    assert (job["creatorId"], job["removed"]["projects"]) == (creator.id, 1)
    assert "done, started 20" in htmlgame("creators", "job", erased["jobId"]).out
    record = htmlgame("audit", "--limit", "1", "--json").json_lines[0]
    assert (record["command"], record["arguments"]) == (
        "creators erase",
        {"creatorId": creator.id},
    )
    name = system.parameter(creators.TABLE.parameter)
    left = system.cloud.client("dynamodb").scan(TableName=name)["Items"]
    kept = ("AU#", "JOB#")  # the audit stays, and so does the job for 90 days
    assert creator.id not in str([item for item in left if not item["PK"]["S"].startswith(kept)])
