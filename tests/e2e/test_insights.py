"""Every request becomes a row and a count, from the edge to the answers of the API."""

import gzip
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import urllib3

from config.capabilities import insights, scores
from lambdas.insights.aggregates import Aggregate
from lambdas.insights.quantiles import ERROR
from lambdas.insights.registry import OWN
from lambdas.insights.summaries import by_function
from lambdas.insights.table import InsightsTable
from lambdas.shared.api_users.api_keys import new_key
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.users import Key, User
from lambdas.shared.values.clock import day_after, day_of
from local.edge.server import LocalEdge
from tests.e2e.conftest import System
from tests.e2e.player import Player
from tests.e2e.visitor import eventually
from tests.lambdas.insights.logs import line, packed

PATIENCE_S = 60


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture(scope="module")
def table(system: System) -> InsightsTable:
    name = system.parameter(insights.TABLE.parameter)
    return InsightsTable(system.cloud.client("dynamodb"), name)


@pytest.fixture(scope="module")
def before(system: System, table: InsightsTable) -> dict[str, Aggregate]:
    """The counts of today, when all that other tests asked is counted."""
    assert eventually(lambda: waiting(system) == 0, PATIENCE_S)
    return by_function(table.hours(today()))


@pytest.fixture(scope="module")
def asked(edge: LocalEdge, table: InsightsTable, before: dict[str, Aggregate]) -> list[Any]:
    """Requests of every kind, all of which are counted."""
    player = Player(edge.url)
    assert player.start().status == 200
    player.ask("GET", "/api/get-start?game=none&user=x")
    player.ask("PUT", f"/api/scores/snake/all/{player.id}", {"X-Score": "5"})
    for _ in range(3):
        player.ask("GET", "/api/ranking/snake/all")
    player.ask("GET", "/api/ranking/none/all")
    player.ask("GET", "/api/ranking/a/b/c")
    player.ask("GET", "/api/insights/none")
    player.ask("GET", "/index.html")
    player.ask("GET", "/missing-canary.html")
    handled = list(edge.recent)
    known = merged(before.values()).times
    assert eventually(lambda: counted(table).times >= known + len(handled), PATIENCE_S)
    return handled


def today() -> str:
    return day_of(time.time_ns() // 1_000_000)


def waiting(system: System) -> int:
    s3, bucket = system.cloud.client("s3"), system.parameter(insights.BUCKET)
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{insights.RAW}/")
    return int(found["KeyCount"])


def counted(table: InsightsTable) -> Aggregate:
    total = Aggregate()
    for _, _, each in table.hours(today()):
        total.merge(each)
    return total


def rows(system: System) -> list[dict[str, Any]]:
    s3, bucket = system.cloud.client("s3"), system.parameter(insights.BUCKET)
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{insights.ROWS}/")["Contents"]
    files = [s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in found]
    plain = [gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file for file in files]
    days = [each["Key"].split("day=")[1][:10] for each in found]
    return [
        {**json.loads(line), "day": day}
        for day, file in zip(days, plain, strict=True)
        for line in file.splitlines()
    ]


def test_every_request_is_counted_once_with_its_status(
    asked: list[Any], table: InsightsTable, before: dict[str, Aggregate]
) -> None:
    total, earlier = counted(table), merged(before.values())
    assert total.times - earlier.times == len(asked)
    assert total.statuses - earlier.statuses == Counter(each.status for each in asked)
    hits = sum(each.cache in ("hit", "stale") for each in asked)
    assert total.hits - earlier.hits == hits


@pytest.mark.usefixtures("asked")
def test_what_the_edge_answered_counts_for_the_edge_function(
    table: InsightsTable, before: dict[str, Aggregate]
) -> None:
    totals = by_function(table.hours(today()))

    def new(fn: str) -> Counter[int]:
        return totals[fn].statuses - before.get(fn, Aggregate()).statuses

    assert new("javascript-get-start") == {200: 1, 404: 1}
    [refused] = new("javascript-validate")
    assert refused >= 400
    assert not any(code.startswith("http_") for code in totals["javascript-validate"].refused)
    assert new("python-get-ranking").total() == 3
    assert new("javascript-read-ranking") == {404: 2}
    assert new("api-unrouted").total() == 1
    assert new("site-files").total() == 2


def test_nobody_and_nothing_raw_is_kept(system: System, asked: list[Any]) -> None:
    ids = {each.id for each in asked}
    kept = [row for row in rows(system) if row["id"] in ids]
    assert sorted(row["id"] for row in kept) == sorted(ids)
    text = json.dumps(kept)
    player = next(each.path for each in asked if each.path.startswith("/api/scores/"))
    assert player.rpartition("/")[2] not in text
    assert "canary" not in text
    assert "127.0.0.1" not in text
    assert eventually(lambda: waiting(system) == 0)


def test_every_deployed_function_is_listed(table: InsightsTable) -> None:
    listed = {each.language_title: each for each in table.functions(OWN)}
    assert {"python-put-score", "javascript-validate", "python-insights-fold"} <= set(listed)
    assert all(each.description and each.tags and each.active for each in listed.values())
    assert table.schemas()[0]["version"] == 1


def put_log(system: System, name: str, lines: list[dict[str, Any]]) -> None:
    system.cloud.client("s3").put_object(
        Bucket=system.parameter(insights.BUCKET),
        Key=f"{insights.RAW}/2026/11/27/10/{name}.gz",
        Body=packed(lines),
    )


def random_lines(seed: int, number: int) -> list[dict[str, Any]]:
    """Of yesterday and the day before, so that no other request is among them."""
    chance, now = random.Random(seed), int(time.time() * 1000)
    stems = {"/api/get-start": "GET", "/api/ranking/snake/all": "GET", "/api/scores/a/b/": "PUT"}
    lines = []
    for each in range(number):
        stem = chance.choice(list(stems))
        status = chance.choice(["200"] * 8 + ["422", "503"])
        lines.append(
            line(
                seed * 100_000 + each,
                **{
                    "timestamp(ms)": str(now - chance.randrange(86_400_000, 2 * 86_400_000)),
                    "cs-method": stems[stem],
                    "cs-uri-stem": f"{stem}u{chance.randrange(20)}" if stem[-1] == "/" else stem,
                    "sc-status": status,
                    "time-taken": f"{chance.lognormvariate(-5, 1):.4f}",
                    "x-edge-result-type": chance.choice(["Hit", "Miss", "RefreshHit"]),
                    "sc-content-type": "application/json;%20code=below_threshold",
                },
            )
        )
    return lines


@pytest.fixture(scope="module")
def crowd(system: System, table: InsightsTable) -> list[dict[str, Any]]:
    """Six files at once, each of them twice."""
    files = [random_lines(seed, 500) for seed in range(1, 7)]
    for _ in range(2):
        for number, lines in enumerate(files):
            put_log(system, f"crowd-{number}", lines)
    assert eventually(
        lambda: sum(past(table, day).times for day in past_days()) >= 3000, PATIENCE_S
    )
    kept = [row for row in rows(system) if row["day"] < today()]
    assert len(kept) == 3000
    return kept


def past_days() -> list[str]:
    return [day_of(int((time.time() - ago * 86_400) * 1000)) for ago in (1, 2)]


def past(table: InsightsTable, day: str) -> Aggregate:
    return merged(total for _, _, total in table.hours(day))


def merged(aggregates: Iterable[Aggregate]) -> Aggregate:
    total = Aggregate()
    for each in aggregates:
        total.merge(each)
    return total


def query(system: System, sql: str) -> list[dict[str, str]]:
    athena = system.cloud.client("athena")
    started = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": insights.DATABASE},
        WorkGroup=insights.WORKGROUP,
    )["QueryExecutionId"]
    until = time.monotonic() + 30
    while (state := athena.get_query_execution(QueryExecutionId=started))["QueryExecution"][
        "Status"
    ]["State"] in ("QUEUED", "RUNNING"):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert state["QueryExecution"]["Status"]["State"] == "SUCCEEDED", state
    head, *body = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
    names = [each["VarCharValue"] for each in head["Data"]]
    return [
        dict(zip(names, (each.get("VarCharValue", "") for each in row["Data"]), strict=True))
        for row in body
    ]


def grouped(kept: list[dict[str, Any]], *by: str) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    groups: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in kept:
        groups[tuple(row[name] for name in by)].append(row)
    return groups


def test_daily_usage_stats_equals_a_recount_and_the_aggregates(
    system: System, table: InsightsTable, crowd: list[dict[str, Any]]
) -> None:
    said = query(system, "SELECT * FROM daily_usage_stats")
    found: dict[tuple[str, ...], dict[str, str]] = {
        (each["day"], each["fn"]): each for each in said if each["day"] < today()
    }
    expected = grouped(crowd, "day", "fn")
    assert set(found) == set(expected)
    for place, own in expected.items():
        row, durations = found[place], sorted(each["duration"] for each in own)
        assert int(row["total_requests"]) == len(own)
        assert int(row["successful_requests"]) == sum(each["status"] < 300 for each in own)
        assert int(row["error_requests"]) == sum(each["status"] >= 400 for each in own)
        assert int(row["cached_requests"]) == sum(each["result"] != "Miss" for each in own)
        assert int(row["unique_callers"]) == len({each.get("caller") for each in own} - {None})
        assert float(row["avg_ms"]) == pytest.approx(sum(durations) / len(own))
        day, fn = place
        total = merged(each for _, _, each in table.hours(day, fn))
        for column, share in (("p50_ms", 0.5), ("p90_ms", 0.9), ("p95_ms", 0.95), ("p99_ms", 0.99)):
            exact = durations[int(share * (len(durations) - 1))]
            assert abs(float(row[column]) - exact) <= exact * (ERROR + 1e-9)
            assert float(row[column]) == pytest.approx(total.durations.at(share), rel=1e-9)


def test_function_performance_equals_a_recount(system: System, crowd: list[dict[str, Any]]) -> None:
    kept = [*crowd, *(row for row in rows(system) if row["day"] == today())]
    found = {each["fn"]: each for each in query(system, "SELECT * FROM function_performance")}
    for (fn,), own in grouped(crowd, "fn").items():
        if fn not in ("javascript-get-start", "python-get-ranking"):
            continue
        own = [row for row in kept if row["fn"] == fn]
        row, durations = found[fn], sorted(each["duration"] for each in own)
        assert int(row["total_requests"]) == len(own)
        assert float(row["min_ms"]) == durations[0]
        assert float(row["max_ms"]) == durations[-1]
        hits = sum(each["result"] in ("Hit", "RefreshHit") for each in own)
        assert float(row["cache_hit_ratio"]) == pytest.approx(100 * hits / len(own), abs=0.006)
        assert int(row["error_count"]) == sum(each["status"] >= 400 for each in own)


def test_error_summary_equals_a_recount(system: System, crowd: list[dict[str, Any]]) -> None:
    kept = [*crowd, *(row for row in rows(system) if row["day"] == today())]
    found: dict[tuple[str, ...], dict[str, str]] = {
        (each["error_code"], each["fn"]): each
        for each in query(system, "SELECT * FROM error_summary")
    }
    failed = grouped([row for row in kept if "error" in row], "error", "fn")
    assert set(found) == set(failed)
    for place, own in failed.items():
        assert int(found[place]["error_count"]) == len(own)
        assert int(found[place]["first_occurrence_ms"]) == min(each["ms"] for each in own)
        assert int(found[place]["last_occurrence_ms"]) == max(each["ms"] for each in own)
        commonest = Counter(each["status"] for each in own).most_common()
        best = {status for status, times in commonest if times == commonest[0][1]}
        assert int(found[place]["most_common_status"]) in best


def test_days_are_the_sum_of_their_hours_however_often_they_are_made(
    system: System, table: InsightsTable, crowd: list[dict[str, Any]], admin: "Asker"
) -> None:
    for _ in range(2):
        answer = system.cloud.client("lambda").invoke(FunctionName=insights.AGGREGATE.name)
        assert "FunctionError" not in answer
    for day in past_days():
        made = {fn: total for fn, at, total in table.days(day[:7]) if at == day}
        own = grouped([row for row in crowd if row["day"] == day], "fn")
        assert {(fn,): total.times for fn, total in made.items()} == {
            fn: len(each) for fn, each in own.items()
        }
    first, last = past_days()[1], today()
    _, said = admin.ask("GET", f"/usage?from={day_after(first, -5)}&to={last}")
    assert sum(each["times"] for each in said["series"] if each["at"] < last) == 3000


def test_a_recount_by_athena_finds_what_the_aggregates_lack(
    htmlgame: Any, table: InsightsTable, crowd: list[dict[str, Any]]
) -> None:
    day = past_days()[0]
    said = htmlgame("insights", "recount", "--day", day, "--json")
    assert said.code == 0, said
    shown = json.loads(said.out)["functions"]
    own = grouped([row for row in crowd if row["day"] == day], "fn")
    assert {(fn,): each["counted"]["requests"] for fn, each in shown.items()} == {
        fn: len(each) for fn, each in own.items()
    }
    assert all(each["equal"] for each in shown.values())
    lost = Aggregate(statuses=Counter({200: 1}))
    table.count(day, "00", "python-put-score", lost, "of-no-file")
    said = htmlgame("insights", "recount", "--day", day)
    assert said.code == 1
    assert "differ for python-put-score" in said.err
    assert htmlgame("insights", "recount", "--day", "2020-01-01").code == 2
    assert htmlgame("insights", "recount", "--day", "x' OR '1'='1").code == 2


class Asker:
    def __init__(self, system: System, edge: LocalEdge, role: str) -> None:
        self.site = edge.url
        keys = KeyTable(system.cloud.client("dynamodb"), system.parameter(insights.KEYS.parameter))
        self.user = keys.create(User(id=f"{role}-{time.time_ns()}", role=role, limit=1000))
        self.key = new_key()
        keys.add_key(self.user, Key(self.key.prefix, self.key.hash, "now"), 0)

    def ask(
        self, method: str, path: str, body: Any = None, key: str = "", at: str = "/insights"
    ) -> tuple[int, Any]:
        answer = urllib3.request(
            method,
            f"{self.site}/api{at}{path}",
            headers={"Authorization": f"Bearer {key or self.key.text}"},
            body=None if body is None else json.dumps(body),
            timeout=30,
            retries=False,  # else it waits for what Retry-After says
        )
        return answer.status, answer.json()


@pytest.fixture(scope="module")
def admin(system: System, edge: LocalEdge) -> Asker:
    return Asker(system, edge, "admin")


def test_the_api_says_what_was_counted(asked: list[Any], admin: Asker) -> None:
    status, said = admin.ask("GET", f"/usage?from={today()}")
    assert status == 200
    assert said["total"]["times"] >= len(asked)
    by_name = {each["fn"]: each for each in said["functions"]}
    ranking = by_name["python-get-ranking"]
    assert ranking["cache"]["hits"] >= 2
    assert ranking["duration"]["p95Ms"] >= ranking["duration"]["p50Ms"]
    assert by_name["javascript-validate"]["refusals"][0]["times"] >= 1
    assert said["series"][-1]["at"].startswith(today())
    status, said = admin.ask("GET", f"/functions/python-get-ranking?from={today()}")
    assert said["function"]["languageTitle"] == "python-get-ranking"
    assert said["usage"]["times"] == ranking["times"]


def test_requests_are_found_by_function_status_and_id(asked: list[Any], admin: Asker) -> None:
    [wrong] = [each for each in asked if each.path == "/api/get-start" and each.status == 404]
    _, said = admin.ask("GET", "/requests?fn=javascript-get-start&status=failed&limit=200")
    [row] = [each for each in said["items"] if each["id"] == wrong.id]
    assert row["status"] == 404
    _, said = admin.ask("GET", f"/requests?id={row['id']}")
    assert said["items"] == [row]
    seen: list[str] = []
    cursor = ""
    while True:
        _, said = admin.ask("GET", f"/requests?limit=50{cursor}")
        seen += [each["id"] for each in said["items"]]
        if said["cursor"] is None:
            break
        cursor = f"&cursor={said['cursor']}"
    assert {each.id for each in asked} <= set(seen)
    assert len(seen) == len(set(seen))


def test_a_failure_is_grouped_with_its_stack_and_leads_to_the_request(
    system: System, edge: LocalEdge, admin: Asker
) -> None:
    """Put-score loses its table for a moment."""
    lambdas, name = system.cloud.client("lambda"), scores.GET_RANKING.name
    before = lambdas.get_function_configuration(FunctionName=name)["Environment"]
    broken = {"Variables": {**before["Variables"], "TABLE_NAME": "no-such-table"}}
    lambdas.update_function_configuration(FunctionName=name, Environment=broken)
    try:
        answer = urllib3.request("GET", f"{edge.url}/api/ranking/bricks/all")
    finally:
        lambdas.update_function_configuration(FunctionName=name, Environment=before)
    assert answer.status == 500

    def group() -> Any:
        _, said = admin.ask("GET", "/functions/python-get-ranking/errors")
        of_this = (each for each in said["failures"] if each["sample"]["edgeId"] == edge_id)
        return next(of_this, None)

    edge_id = answer.headers["x-amz-cf-id"]
    found = eventually(group, PATIENCE_S)
    assert found["times"] >= 1
    assert "Traceback" in found["sample"]["stack"]
    [row] = eventually(lambda: admin.ask("GET", f"/requests?id={edge_id}")[1]["items"], PATIENCE_S)
    assert (row["status"], row["error"]) == (500, "internal")


@pytest.mark.usefixtures("asked")
def test_a_user_reads_its_own_rows_alone(system: System, edge: LocalEdge, admin: Asker) -> None:
    user = Asker(system, edge, "user")
    function = f"functions/{user.user.id}/javascript-own"
    pushed = {"source": "function handler() { return 1 }"}
    for method, body in (("PUT", pushed), ("POST", {})):
        assert user.ask(method, function, body, at="/")[0] == 200
    own = f"javascript-own@{user.user.id}"

    def items(asker: Asker, query: str) -> Any:
        return asker.ask("GET", f"/requests{query}")[1]["items"]

    [row] = eventually(lambda: items(user, ""), PATIENCE_S)
    assert row["fn"] == own
    assert row["memory_kb"] > 0
    assert items(admin, f"?fn={own}") == [row]
    assert items(user, "?fn=python-get-ranking") == []
    _, said = user.ask("GET", "/usage")
    assert [each["fn"] for each in said["functions"]] == [own]
    assert said["total"]["runtime"]["memoryUsageMb"] > 0
    assert user.ask("GET", f"/functions/{own}")[1]["usage"]["times"] == 1
    stranger = Asker(system, edge, "user")
    for path in (f"/functions/{own}", f"/functions/{own}/errors", "/functions/python-put-score"):
        status, said = stranger.ask("GET", path)
        assert (status, said["error"]["code"]) == (403, "role_needed"), path
    assert stranger.ask("GET", "/usage")[1]["functions"] == []
    assert items(stranger, f"?fn={own}") == []


def test_a_flood_at_once_gets_no_more_than_the_limit_allows(
    system: System, edge: LocalEdge
) -> None:
    keys = KeyTable(system.cloud.client("dynamodb"), system.parameter(insights.KEYS.parameter))
    user = Asker(system, edge, "readonly")
    keys.change(keys.user(user.user.id), replace(keys.user(user.user.id), limit=2))
    first = int(time.time()) // 60
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: user.ask("GET", "/functions?q=zzz"), range(9)))
    minutes = int(time.time()) // 60 - first + 1
    allowed = [status for status, _ in answers if status == 200]
    refused = {said["error"]["code"] for status, said in answers if status != 200}
    assert refused == {"too_many_requests"}
    assert 2 <= len(allowed) <= 2 * minutes


def test_a_key_ends_when_it_is_revoked_or_its_user_is_switched_off(
    system: System, edge: LocalEdge, admin: Asker
) -> None:
    """Each with a key that no instance has seen, since keys are believed for a minute."""
    target = Asker(system, edge, "user")
    path = f"/users/{target.user.id}"
    status, made = admin.ask("POST", f"{path}/keys", {"days": 1})
    assert status == 200
    assert admin.ask("POST", f"{path}/keys", {})[1]["error"]["code"] == "too_many_keys"
    assert target.ask("GET", "/users", key=made["key"])[0] == 200
    assert admin.ask("DELETE", f"{path}/keys/{target.key.prefix}")[0] == 200
    status, said = target.ask("GET", "/users")
    assert (status, said["error"]["code"]) == (401, "key_unknown")
    other = Asker(system, edge, "user")
    admin.ask("PUT", f"/users/{other.user.id}", {"active": False})
    status, said = other.ask("GET", "/users")
    assert (status, said["error"]["code"]) == (403, "user_inactive")
    for action, body in (("PUT", {"role": "admin"}), ("DELETE", None)):
        status, said = target.ask(action, path, body, key=made["key"])
        assert (status, said["error"]["code"]) == (403, "role_needed")


@pytest.mark.parametrize(
    "query",
    [
        "/usage?fn=requests'%3B%20DROP%20TABLE%20requests",
        "/usage?from=2026-11-01'%20OR%20'1'='1",
        "/requests?cursor=../../../_unreadable/x",
        "/requests?day=2026-11-21/../../logs",
        "/requests?status=200%0d%0aSet-Cookie:%20a=b",
        "/requests?error=%24%7Bjndi%3Aldap%7D",
    ],
)
def test_a_question_of_another_form_is_refused_by_its_field(admin: Asker, query: str) -> None:
    status, said = admin.ask("GET", query)
    assert (status, said["error"]["code"]) == (400, "malformed"), said
    assert query.partition("?")[2].partition("=")[0] in said["error"]["message"]


def test_rubbish_in_the_log_is_set_aside_and_what_visitors_send_is_no_name(
    system: System, table: InsightsTable
) -> None:
    """The path, which a visitor chooses, is the only text of a line that is not CloudFront's."""
    day = day_of(int((time.time() - 3 * 86_400) * 1000))
    at = str(int((time.time() - 3 * 86_400) * 1000))
    stems = [
        "/api/functions/x/javascript-%0a%7B%22fn%22%3A%22evil%22%7D",
        "/api/functions/../../javascript-evil",
        "/%22%7D%0a%7B%22timestamp(ms)%22%3A1%7D",
        "/api/ranking/%00/%F0%9F%92%A9",
        "/" + "a" * 8000,
    ]
    good = [
        line(9_000_000 + number, **{"timestamp(ms)": at, "cs-uri-stem": stem})
        for number, stem in enumerate(stems)
    ]
    bad: list[Any] = ["\x00", "[]", "null", '{"timestamp(ms)": "now"}', "{" * 5000]
    put_log(system, "rubbish", [*good, *bad])
    assert eventually(lambda: past(table, day).times == len(good), PATIENCE_S)
    named = {fn for fn, _, _ in table.hours(day)}
    assert named <= {"site-files", "api-unrouted", "python-get-ranking", "python-functions-api"}
    s3, bucket = system.cloud.client("s3"), system.parameter(insights.BUCKET)
    aside = s3.list_objects_v2(Bucket=bucket, Prefix=f"{insights.UNREADABLE}/")["Contents"]
    [rubbish] = [each["Key"] for each in aside if "rubbish" in each["Key"]]
    # Other tests share the system, and `make verify-aws` reports files that were set aside.
    s3.delete_object(Bucket=bucket, Key=rubbish)
