"""The activity of a system before it is recorded: every operation that stores an item.

It uses the site, the command line and AWS's API alone, so it runs on any version. It returns
who did what, by names, ids and keys, for later questions.
"""

import base64
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from config import names
from config.capabilities import archive, creators, erasure, secrets
from config.capabilities import scores as scores_manifest
from config.environments import LOCAL
from lambdas.shared.values.uuids import uuid7
from tests.e2e.creator import until
from tests.e2e.periods import months_ago
from tests.e2e.player import Player
from tests.e2e.visitor import Visitor
from tests.gate.site import Site

Json = Any
ALL: Final = "all,monthly,weekly,daily"
MAKER: Final = "maker@example.org"
LEAVER: Final = "leaver@example.org"
ASKER: Final = "asker@example.org"
GONE: Final = "gone@example.org"
KEPT: Final = 100
"""The entries that a board of minesweeper keeps."""


def use(site: Site) -> Json:
    subjects: Json = {"players": {}, "plays": [], "requests": {}, "projects": {}, "jobs": {}}
    _play(site, subjects)
    _fill_a_board(site, subjects)
    _operate(site, subjects)
    _write_by_hand(site, subjects)
    _make(site, subjects)
    _visit(site, subjects)
    _keep_secrets(site, subjects)
    _forget(site, subjects)
    _set_aside(site, subjects)
    _wait_for_the_stream(site, subjects)
    return subjects


# Scores


def _play(site: Site, subjects: Json) -> None:
    """Some through the edge, some as the edge sends them on."""
    for name, shown in (
        ("ann", "夜ふかし"),
        ("bob", "Zoë & Max"),
        ("mallory", "mallory"),
        ("trudy", "trudy"),
        ("erin", "erin"),
        ("frank", "frank"),
        ("grace", "grace"),
    ):
        player = Player(site.edge.url, name=shown)
        subjects["players"][name] = {"key": player.key, "id": player.id, "name": shown}
    for name, score in (("ann", 12), ("bob", 9), ("ann", 15), ("mallory", 18), ("trudy", 14)):
        player = site.player(subjects["players"][name], "snake")
        assert player.play(score, ALL).body["accepted"] is True
    assert site.player(subjects["players"]["ann"], "minesweeper").play(1, "all").status == 200
    for number, (user, score, time_ms, meta) in enumerate(
        [
            ("ann", 900, 60_000, {"level": 3, "名": "石"}),
            ("bob", 1_400, 75_000, None),
            ("bob", 1_100, 40_000, {"level": 4}),
            ("bob", 2_000, 90_000, {"level": 9}),
        ]
    ):
        play = {
            "game": "bricks",
            "user_id": subjects["players"][user]["id"],
            "score": score,
            "time_ms": time_ms,
            "play": f"recorded-{number}",
            "name": subjects["players"][user]["name"],
            "meta": meta,
        }
        subjects["plays"].append(play)
        values = {name: value for name, value in play.items() if name != "game"}
        assert site.system.origin.submit("bricks", ALL, **values).status == 200


def _fill_a_board(site: Site, subjects: Json) -> None:
    """This month's minesweeper: beyond its top N first, so that trim has something to delete."""
    month = site.player(subjects["players"]["ann"], "minesweeper").ranking("monthly").body["period"]
    rows = [
        {
            "userId": f"import-{number:03d}",
            "userName": f"Player {number}",
            "score": 1,
            "timeMs": 1_000 + number,
            "updatedAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            **({"meta": {"level": number}} if number % 50 == 0 else {}),
            **({"play": f"playOfImport.{number:06d}"} if number % 3 == 0 else {}),
        }
        for number in range(KEPT + 3)
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        _done(site, "import", "minesweeper", month, str(file), "--untrimmed")
    trimmed = _done(site, "trim", "minesweeper")
    assert trimmed["deleted"] == 3
    subjects["months"] = {"now": month, "past": months_ago(3)}


def _operate(site: Site, subjects: Json) -> None:
    """Commands of an operator, and requests that the edge then refuses."""
    players, month = subjects["players"], subjects["months"]["now"]
    early = _started(site, players["erin"], "snake")
    _done(site, "keys", "rotate")
    late = _started(site, players["frank"], "snake")
    _done(site, "hide", "minesweeper", month, "import-003")
    _done(site, "hide", "minesweeper", month, "import-004")
    _done(site, "unhide", "minesweeper", month, "import-004")
    _done(site, "remove", "minesweeper", month, "import-005")
    _done(site, "purge", "minesweeper", month, "--min-ms", "1098", "--max-ms", "1099")
    _done(site, "rename", "minesweeper", "import-006", "Renamed 六")
    site.system.origin.submit(
        "minesweeper",
        "monthly",
        players["bob"]["id"],
        score=1,
        time_ms=1_050,
        play="recorded-mines",
        name="Zoë & Max",
    )
    for number in range(100, 103):
        site.system.origin.submit(
            "minesweeper",
            "monthly",
            f"extra-{number}".ljust(22, "x"),
            score=1,
            time_ms=1_000 + number,
            play=f"recorded-extra-{number}",
        )
    assert _done(site, "trim", "minesweeper")["thresholds"] >= 0
    _fail_a_trim(site, subjects)
    for name in ("mallory", "trudy", "erin"):
        _done(site, "ban", players[name]["id"], "--reason", f"改造 {name}", *_fate(name))
    _done(site, "unban", players["erin"]["id"])
    _done(site, "limits", "snake", "--set", "score.max=16", "--set", "graceMs=80000")
    subjects["requests"] = {
        "the end of a play begun before the keys changed": _ending(early),
        "the end of a play begun after": _ending(late),
        "a play that beats nobody": _submission(site, players["grace"], "minesweeper", 1),
        "a banned player's play": _submission(site, players["mallory"], "snake", 8),
        "a play beyond the live limit": _submission(site, players["grace"], "snake", 17),
    }


def _fate(name: str) -> list[str]:
    return {"mallory": ["--entries", "hide"], "trudy": ["--entries", "remove"]}.get(name, [])


def _fail_a_trim(site: Site, subjects: Json) -> None:
    """The audit keeps what failed, too."""
    board = f"G#bricks#P#{subjects['months']['now']}"
    _put(site, scores_manifest.TABLE.parameter, PK=board, SK="U#broken", score=5)
    failed = site.htmlgame("trim", "bricks", "--yes")
    assert "unreadable" in failed.error["message"]
    _done(site, "remove", "bricks", subjects["months"]["now"], "broken")


def _write_by_hand(site: Site, subjects: Json) -> None:
    """Rows of before there were plays, of another order, and one that nobody can read."""
    past = subjects["months"]["past"]
    row: dict[str, str | int] = {
        "PK": f"G#snake#P#{past}",
        "timeMs": 20_000,
        "userName": "Old",
        "updatedAt": f"{past}-15T12:00:00.000Z",
    }
    scores = scores_manifest.TABLE.parameter
    _put(site, scores, **row, SK="U#no-play", score=40)
    _put(site, scores, **row, SK="U#other-order", score=50, rk="t9#00000000", play="a.b")
    _put(site, scores, **row, SK="U#meta", score=60, meta='{"level":2}')
    _put(site, scores, PK=row["PK"], SK="U#unreadable", userName="?")


def _put(site: Site, parameter: str, **attributes: str | int) -> None:
    site.system.cloud.client("dynamodb").put_item(
        TableName=site.system.parameter(parameter),
        Item={
            name: {"N": str(value)} if isinstance(value, int) else {"S": value}
            for name, value in attributes.items()
        },
    )


def _started(site: Site, known: Json, game: str) -> Player:
    player = site.player(known, game)
    assert player.start().status == 200
    return player


def _ending(player: Player) -> Json:
    return {
        "at": _now_ms(),
        "method": "GET",
        "path": "/api/get-end",
        "headers": {
            "X-Token-Start": player.token_start,
            "X-Play-Ms": "1500",
            "Cookie": f"game_sid={player.cookie}",
        },
        "body": "",
    }


def _submission(site: Site, known: Json, game: str, score: int) -> Json:
    player = _started(site, known, game)
    assert player.end().status == 200
    period = "monthly" if game == "minesweeper" else "all"
    return {
        "at": _now_ms(),
        "method": "PUT",
        "path": f"/api/scores/{game}/{period}/{player.id}",
        "headers": player.submission(score),
        "body": '{"meta":{"level":1}}',
    }


def _done(site: Site, *arguments: str) -> Json:
    said = site.htmlgame(*arguments, "--yes")
    assert said.code == 0, (arguments, said.err)
    return json.loads(said.out)


# Telemetry and custom data


def _make(site: Site, subjects: Json) -> None:
    maker = site.creator(MAKER)
    subjects["projects"] = {
        "snake": maker.project(
            name=" Snäke  2 ",
            events=["start", "death", "level_up"],
            retention={"eventDays": 60, "sessionDays": 20, "scoreDays": None},
            collections={"saves": "private", "levels": "public"},
            injectable=["API_KEY", "SHARED", "CREATORS_ONLY", "NOT_THERE"],
        ),
        "leaving": maker.project(name="Leaving", events=["start"], injectable=["API_KEY"]),
        "deleted": maker.project(name="Deleted", events=["start"]),
    }
    path = f"/project/{subjects['projects']['snake']}"
    maker.good("PUT", path, {"name": "Snäke", "version": 1})


def _visit(site: Site, subjects: Json) -> None:
    """Players named and unnamed, events of each kind, renewal and end, items of players."""
    project = subjects["projects"]["snake"]
    ann, again = (site.visitor(project, "ann-key") for _ in range(2))
    bob, bob_again = (site.visitor(project, "bob-key") for _ in range(2))
    nobody, zoe = site.visitor(project), site.visitor(project, "zoe-key")
    subjects["session"] = dict(ann.session)
    subjects["bob"] = [each.session["sessionId"] for each in (bob, bob_again)]
    _good(ann.say("event", eventName="start"))
    batch = [
        {"id": uuid7(_now_ms()), "eventName": name, "data": data, "at": _now_ms() - 500}
        for name, data in (("death", {"stage": 3}), ("level_up", {"名": "石"}), ("death", {}))
    ]
    assert ann.say("events", events=batch).body["ok"] is True
    assert ann.say("events", events=batch).body["ok"] is True
    _good(ann.say("score", score=12_345, metadata={"mode": "normal"}))
    renewed = ann.say("session/renew")
    again.session["token"] = again.say("session/renew").body["token"]
    ann.session["token"] = renewed.body["token"]
    subjects["things"] = {"saves": _saves(ann), "levels": _levels(ann)}
    _good(ann.say("session/end"))
    for visitor in (bob, bob_again, zoe):
        _good(visitor.say("event", eventName="death", data={"stage": 1}))
        _good(visitor.say("score", score=-7))
        for collection in ("saves", "levels"):
            thing = _good(visitor.data("POST", collection, {"data": {"of": "bob or zoe"}}))
            subjects["bob"] += [thing["id"]] if visitor is not zoe else []
    _good(nobody.say("event", eventName="death", id=uuid7(_now_ms())))
    _good(nobody.data("POST", "undeclared", {"data": {"free": True}}))
    _done(site, "keys", "rotate", "--sessions")
    for name in ("leaving", "deleted"):
        fill(site, subjects["projects"][name])


def fill(site: Site, project_id: str) -> None:
    """A little of everything for a project that takes `start`."""
    visitor = site.visitor(project_id, "somebody")
    _good(visitor.say("event", eventName="start"))
    _good(visitor.say("score", score=3))
    _good(visitor.data("POST", "levels", {"data": {}}))
    _good(visitor.say("session/end"))


def _saves(visitor: Visitor) -> list[str]:
    made = [_good(visitor.data("POST", "saves", {"data": {"level": n}})) for n in range(3)]
    _good(visitor.data("PUT", f"saves/{made[1]['id']}", {"data": {"level": "二"}}))
    _good(visitor.data("DELETE", f"saves/{made[2]['id']}"))
    return [thing["id"] for thing in made]


def _levels(visitor: Visitor) -> list[str]:
    return [
        _good(visitor.data("POST", "levels", {"data": {"tiles": [1, None, 2.5], "n": n}}))["id"]
        for n in range(3)
    ]


def _good(reply: Any) -> Json:
    assert reply.status == 200, reply
    return reply.body


# Creators, their secrets, and erasures


def _keep_secrets(site: Site, subjects: Json) -> None:
    maker = site.creator(MAKER)
    snake, leaving = (f"/project/{subjects['projects'][name]}/env" for name in ("snake", "leaving"))
    for path, key, value in (
        ("/creator/env", "SHARED", "of the creator"),
        ("/creator/env", "CREATORS_ONLY", "秘密\n two lines"),
        ("/creator/env", "REPLACED", "the first"),
        ("/creator/env", "DELETED", "x"),
        (snake, "API_KEY", "of the project"),
        (snake, "SHARED", "of the project, too"),
        (leaving, "API_KEY", "of another project"),
    ):
        maker.good("PUT", path, {"key": key, "value": value})
    maker.good("PUT", "/creator/env", {"key": "REPLACED", "value": "the second"})
    maker.good("DELETE", "/creator/env/DELETED")


def _forget(site: Site, subjects: Json) -> None:
    """Erasures that are done, one that broke off half way, one that nobody has begun."""
    maker = site.creator(MAKER)
    snake, deleted = subjects["projects"]["snake"], subjects["projects"]["deleted"]
    forgotten = maker.good("POST", f"/project/{snake}/forget", {"playerKey": "zoe-key"})
    removed = maker.good("DELETE", f"/project/{deleted}")
    gone = _with_a_project(site, GONE, subjects)
    erased = gone.good("DELETE", "/creator")
    subjects["jobs"] = {
        "player": [MAKER, maker.wait_for(forgotten["id"])["id"]],
        "project": [MAKER, maker.wait_for(removed["id"])["id"]],
        "creator": [GONE, gone.wait_for(erased["id"])["id"]],
    }
    asker = _with_a_project(site, ASKER, subjects)
    with denied(site, creators.API.name, "lambda:InvokeFunction"):
        asked = asker.good("DELETE", f"/project/{subjects['projects'][ASKER]}")
    leaver = _with_a_project(site, LEAVER, subjects)
    _break_off(site)
    leaving = leaver.good("DELETE", "/creator")
    subjects["jobs"]["not begun"] = [ASKER, asked["id"]]
    subjects["jobs"]["broken off"] = [LEAVER, leaving["id"]]
    until(lambda: _job_item(site, leaving["id"]), lambda item: bool(item["pending"]["L"]))
    until(lambda: _job_item(site, leaving["id"]), lambda item: "leased" not in item)


def _with_a_project(site: Site, email: str, subjects: Json) -> Any:
    creator = site.creator(email)
    project = creator.project(events=["start"])
    fill(site, project)
    creator.good("PUT", "/creator/env", {"key": "KEY", "value": "x"})
    creator.good("PUT", f"/project/{project}/env", {"key": "KEY", "value": "y"})
    subjects["projects"][email] = project
    return creator


def _job_item(site: Site, job_id: str) -> Json:
    [item] = [
        item for item in site.items(creators.TABLE.parameter) if item["PK"]["S"] == f"JOB#{job_id}"
    ]
    return item


_BROKEN: Final = "broken-off"


def _break_off(site: Site) -> None:
    """The worker fails where a project's secrets come, and whenever it is tried again."""
    _deny(site, erasure.ERASE.name, "dynamodb:BatchWriteItem", _table(site), _BROKEN)


def let_erasures_finish(site: Site) -> None:
    """Where a worker was made to fail, it fails no more."""
    with suppress(site.system.cloud.client("iam").exceptions.NoSuchEntityException):
        _allow(site, erasure.ERASE.name, _BROKEN)


def _table(site: Site) -> str:
    name = site.system.parameter(secrets.TABLE.parameter)
    return f"arn:aws:dynamodb:{LOCAL.region}:{LOCAL.account}:table/{name}"


@contextmanager
def denied(site: Site, function: str, action: str) -> Iterator[None]:
    _deny(site, function, action, "*", "denied")
    try:
        yield
    finally:
        _allow(site, function, "denied")


def _deny(site: Site, function: str, action: str, resource: str, policy: str) -> None:
    statement = {"Effect": "Deny", "Action": action, "Resource": resource}
    site.system.cloud.client("iam").put_role_policy(
        RoleName=names.function_role(function, str(LOCAL.region)),
        PolicyName=policy,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _allow(site: Site, function: str, policy: str) -> None:
    role = names.function_role(function, str(LOCAL.region))
    site.system.cloud.client("iam").delete_role_policy(RoleName=role, PolicyName=policy)


# Counters and the archive


def _set_aside(site: Site, subjects: Json) -> None:
    """As Firehose writes down what it could not deliver."""
    row = {
        "project": subjects["projects"]["snake"],
        "day": time.strftime("%Y-%m-%d", time.gmtime()),
        "kind": "event",
        "id": uuid7(_now_ms()),
        "session": subjects["session"]["sessionId"],
        "ms": _now_ms(),
        "name": "late",
        "score": None,
        "data": "{}",
    }
    raw = [json.dumps(row).encode(), b"not a row"]
    lines = [json.dumps({"rawData": base64.b64encode(each).decode()}) for each in raw]
    site.system.cloud.client("s3").put_object(
        Bucket=site.system.parameter(archive.BUCKET),
        Key="_aside/activePartitionExceeded/2026/11/21/10/one",
        Body="\n".join(lines).encode(),
    )


def _wait_for_the_stream(site: Site, subjects: Json) -> None:
    """Counters and archive are written behind an answer."""
    maker, project = site.creator(MAKER), subjects["projects"]["snake"]

    def total() -> Json:
        return maker.good("GET", f"/analytics/summary?projectId={project}")["total"]

    until(
        total,
        lambda told: (
            (
                told["sessions"],
                told["events"],
                told["scores"]["count"],
                told["sessionSeconds"]["count"],
            )
            == (6, {"death": 6, "level_up": 1, "start": 1}, 4, 1)
        ),
    )
    until(lambda: archived(site, "told", project), lambda rows: len(rows) == 19)


def archived(site: Site, view: str, project_id: str) -> list[dict[str, str]]:
    """All rows of one of the archive's views, in no order of its own."""
    athena = site.system.cloud.client("athena")
    asked = athena.start_query_execution(
        QueryString=f"SELECT * FROM {view} WHERE project = '{project_id}'",  # noqa: S608
        QueryExecutionContext={"Database": archive.DATABASE},
        WorkGroup=archive.WORKGROUP,
    )["QueryExecutionId"]

    def status() -> Json:
        execution = athena.get_query_execution(QueryExecutionId=asked)["QueryExecution"]
        return execution["Status"]

    ended = until(status, lambda found: found["State"] in {"SUCCEEDED", "FAILED"})
    assert ended["State"] == "SUCCEEDED", ended
    answer = athena.get_query_results(QueryExecutionId=asked)["ResultSet"]
    columns = [each["Name"] for each in answer["ResultSetMetadata"]["ColumnInfo"]]
    rows = [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in answer["Rows"][1:]]
    told = [dict(zip(columns, row, strict=True)) for row in rows]
    return sorted(told, key=lambda row: sorted(row.items()))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
