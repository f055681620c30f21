"""Questions to the recorded system, and to each later version that gets its items.

The product itself answers: over HTTP, on the command line, or by a function that people invoke.
An answer leaves out sentences, the games' settings and what depends on the day. The order counts:
first everything is read, then players, operators and creators change and erase it.
"""

import json
from collections.abc import Callable
from typing import Any, Final, Protocol

from config.capabilities import archive as archive_manifest
from config.capabilities import erasure
from config.capabilities import secrets as secrets_manifest
from tests.e2e.creator import Creator, until
from tests.e2e.visitor import Visitor
from tests.gate.activity import ASKER, GONE, LEAVER, MAKER, archived, let_erasures_finish
from tests.gate.items import TABLES
from tests.gate.site import Site

Json = Any


class Answered(Protocol):
    @property
    def status(self) -> int: ...

    @property
    def body(self) -> Json: ...


Question = Callable[[Site, Json], Json]
QUESTIONS: Final[dict[str, Question]] = {}
_FAILED: Final = "failed"
_ERASURE_SECONDS: Final = 300
_VIEWS: Final = ("told", "events_by_day", "last_events", "scores_by_day", "sessions")
_GAMES: Final = ("snake", "bricks", "minesweeper")


def question(ask: Question) -> Question:
    QUESTIONS[ask.__name__] = ask
    return ask


def answers(site: Site, recorded: Json) -> dict[str, Json]:
    """A question that fails has its failure for an answer: the others are asked all the same."""
    found: dict[str, Json] = {}
    for name, ask in QUESTIONS.items():
        try:
            found[name] = json.loads(json.dumps(ask(site, recorded)))
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is no answer
            found[name] = {_FAILED: f"{type(failure).__name__}: {failure}"}
    return found


def is_failure(answer: Json) -> bool:
    return isinstance(answer, dict) and set(answer) == {_FAILED}


# Boards


@question
def rankings(site: Site, recorded: Json) -> Json:
    return {
        board: _ranking(site.system.origin.ranking(*board.split("/")))
        for board in _boards(recorded)
    }


def _boards(recorded: Json) -> list[str]:
    """Every board with an item in the table, also those of closed periods."""
    keys = {item["PK"]["S"] for item in recorded["tables"]["scores"]}
    places = (key.removeprefix("G#").split("#P#") for key in sorted(keys) if key.startswith("G#"))
    return [f"{game}/{period}" for game, period in places]


def _ranking(reply: Answered) -> Json:
    """Order and top N are the game's, whatever is stored."""
    assert reply.status == 200, reply
    return {name: each for name, each in reply.body.items() if name not in ("order", "topN")}


@question
def ranking_through_the_edge(site: Site, recorded: Json) -> Json:
    return _ranking(site.player(recorded["subjects"]["players"]["ann"], "snake").ranking("all"))


@question
def boards_as_an_operator_lists_them(site: Site, recorded: Json) -> Json:
    boards = _told(site, recorded, "boards", "--past", "4")["boards"]
    for board in boards:
        del board["topN"]
    return _by_board(boards)


def _by_board(documents: list[Json]) -> Json:
    """A game or a period may be added."""
    return {f"{each['game']}/{each['period']}": each for each in documents}


@question
def boards_with_hidden_entries(site: Site, recorded: Json) -> Json:
    return {
        board: _told(site, recorded, "top", *board.split("/"), "--hidden", "--limit", "12")
        for board in _boards(recorded)
    }


@question
def boards_exported(site: Site, recorded: Json) -> Json:
    """Leaves out the first line, which contains the time."""
    found = {}
    for board in _boards(recorded):
        said = site.htmlgame("export", *board.split("/"), at_ms=recorded["at"])
        lines = [json.loads(line) for line in said.out.splitlines()]
        warnings = [line for line in said.err.splitlines() if "warning" in json.loads(line)]
        found[board] = {"code": said.code, "lines": lines[1:], "warnings": len(warnings)}
    return found


@question
def players_as_an_operator_sees_them(site: Site, recorded: Json) -> Json:
    ids = [each["id"] for each in recorded["subjects"]["players"].values()]
    since = f"{recorded['subjects']['months']['past']}-01"
    found = [
        _told(site, recorded, "player", "--since", since, "--", user_id)
        for user_id in [*ids, "import-003", "import-006", "no-play", "unreadable"]
    ]
    for entry in (entry for player in found for entry in player["entries"]):
        if "unreadable" in entry:
            entry["unreadable"] = True
    return found


@question
def operators_lists(site: Site, recorded: Json) -> Json:
    return {
        "bans": _told(site, recorded, "bans"),
        "thresholds": _by_board(_told(site, recorded, "thresholds")["thresholds"]),
        "invalidations": _told(site, recorded, "invalidations"),
        "keys": _told(site, recorded, "keys", "show")["tokenKeys"],
        "limits": {game: _live_limits(site, recorded, game) for game in _GAMES},
    }


def _live_limits(site: Site, recorded: Json, game: str) -> Json:
    told = _told(site, recorded, "limits", game)
    return [told["setAt"], {name: each["live"] for name, each in told["limits"].items()}]


@question
def audit(site: Site, recorded: Json) -> Json:
    month = recorded["subjects"]["months"]["now"]
    said = site.htmlgame("audit", "--limit", "1000", "--month", month, at_ms=recorded["at"])
    return said.json_lines


def _told(site: Site, recorded: Json, *arguments: str) -> Json:
    """Asks at the time of the record."""
    return site.htmlgame(*arguments, at_ms=recorded["at"]).json


# The edge


@question
def requests_that_were_under_way(site: Site, recorded: Json) -> Json:
    """Judged by the edge at the moment of then, by the keys, bans and thresholds in its store."""
    answered = {
        name: site.send(request) for name, request in recorded["subjects"]["requests"].items()
    }
    for answer in answered.values():
        answer["body"].pop("token_end", None)
        answer["body"] = _without_sentence(answer["body"])
    return answered


def _without_sentence(body: Json) -> Json:
    if "error" in body:
        body["error"].pop("message")
    return body


# Telemetry, custom data, creators


@question
def analytics(site: Site, recorded: Json) -> Json:
    today = recorded["day"]
    path = f"/analytics/summary?projectId={recorded['subjects']['projects']['snake']}"
    return site.creator(MAKER).good("GET", f"{path}&from={today}&to={today}")


@question
def analytics_of_weeks(site: Site, recorded: Json) -> Json:
    first, last = recorded["demo"]["from"], recorded["demo"]["to"]
    creator = site.creator(recorded["demo"]["creator"])
    found = [
        creator.good("GET", f"/analytics/summary?projectId={project}&from={first}&to={last}")
        for project in recorded["demo"]["projects"]
    ]
    return {"totals": [each["total"] for each in found], "days": found[0]["days"]}


@question
def archive(site: Site, recorded: Json) -> Json:
    project = recorded["subjects"]["projects"]["snake"]
    return {view: archived(site, view, project) for view in _VIEWS}


@question
def archive_with_what_was_set_aside(site: Site, recorded: Json) -> Json:
    returned = site.invoke(archive_manifest.BRING_BACK.name, {})
    return [returned, archived(site, "told", recorded["subjects"]["projects"]["snake"])]


@question
def things_of_a_player_who_comes_back(site: Site, recorded: Json) -> Json:
    """By the key that the game gave its player: in a new session, for the old one is over."""
    ann, things = _back(site, recorded, "ann-key"), recorded["subjects"]["things"]
    first = ann.data("GET", "levels?limit=2").body
    return {
        "saves": ann.data("GET", "saves").body,
        "one of them": ann.data("GET", f"saves/{things['saves'][1]}").body,
        "deleted": ann.data("GET", f"saves/{things['saves'][2]}").code,
        "levels": first,
        "older levels": ann.data("GET", f"levels?limit=50&cursor={first['cursor']}").body,
        "undeclared": ann.data("GET", "undeclared").body,
    }


@question
def things_of_others(site: Site, recorded: Json) -> Json:
    things = recorded["subjects"]["things"]
    bob, nobody = _back(site, recorded, "bob-key"), _back(site, recorded, None)
    return {
        "bob's": bob.data("GET", "saves").body,
        "nobody's": nobody.data("GET", "saves").body,
        "ann's": bob.data("GET", f"saves/{things['saves'][0]}").code,
        "a change of ann's": bob.data("PUT", f"levels/{things['levels'][0]}", {"data": {}}).code,
    }


def _back(site: Site, recorded: Json, player_key: str | None) -> Visitor:
    return site.visitor(recorded["subjects"]["projects"]["snake"], player_key)


@question
def projects(site: Site, recorded: Json) -> Json:
    maker = site.creator(MAKER)
    listed = maker.good("GET", "/projects")
    kept = [recorded["subjects"]["projects"][name] for name in ("snake", "leaving")]
    return [listed, [maker.good("GET", f"/project/{project}") for project in kept]]


@question
def projects_of_others(site: Site, recorded: Json) -> Json:
    project = recorded["subjects"]["projects"]["snake"]
    creators = [site.creator(email) for email in (GONE, ASKER, LEAVER, "nobody@example.org")]
    return [
        [creator.good("GET", "/projects"), creator.ask("GET", f"/project/{project}").code]
        for creator in creators
    ]


@question
def secrets(site: Site, recorded: Json) -> Json:
    known, maker = recorded["subjects"]["projects"], site.creator(MAKER)
    return {
        "creator's": maker.good("GET", "/creator/env"),
        **{
            name: [
                maker.good("GET", f"/project/{known[name]}/env"),
                _resolved(site, known[name]),
            ]
            for name in ("snake", "leaving")
        },
    }


def _resolved(site: Site, project_id: str) -> Json:
    """As a list: a value that may not be had would be one more of it."""
    answer = site.invoke(secrets_manifest.RESOLVE_ENV.name, {"projectId": project_id})
    return answer["error"]["code"] if "error" in answer else sorted(answer["env"].items())


@question
def creators_audit(site: Site, recorded: Json) -> Json:
    path = f"/creator/audit?month={recorded['day'][:7]}&limit=100"
    return [site.creator(email).good("GET", path) for email in (MAKER, GONE, ASKER, LEAVER)]


@question
def erasures_under_way(site: Site, recorded: Json) -> Json:
    return {
        what: site.creator(email).good("GET", f"/creator/job/{job_id}")
        for what, (email, job_id) in recorded["subjects"]["jobs"].items()
    }


# Changes by players


@question
def a_worse_play(site: Site, recorded: Json) -> Json:
    reply = site.player(recorded["subjects"]["players"]["ann"], "snake").play(5)
    return reply.body


@question
def plays_sent_again(site: Site, recorded: Json) -> Json:
    """The same values get the same answer, others are refused, however old the play is."""
    return [
        [_submit(site, play), _submit(site, play | {"score": play["score"] + 1})]
        for play in recorded["subjects"]["plays"]
    ]


def _submit(site: Site, play: Json) -> Json:
    values = {name: value for name, value in play.items() if name != "game"}
    reply = site.system.origin.submit(play["game"], "all", **values)
    return {"status": reply.status, "body": _without_sentence(reply.body)}


@question
def a_better_play(site: Site, recorded: Json) -> Json:
    """Where it now stands; when it was played is another day each time."""
    body = site.player(recorded["subjects"]["players"]["bob"], "snake").play(16).body
    body["results"] = {period: each["rank"] for period, each in body["results"].items()}
    return [body, _standing(site, "snake", "all")]


def _standing(site: Site, game: str, period: str) -> list[list[Json]]:
    items = site.system.origin.ranking(game, period).body["items"]
    return [[item["rank"], item["userId"], item["score"]] for item in items]


@question
def things_changed(site: Site, recorded: Json) -> Json:
    ann, things = _back(site, recorded, "ann-key"), recorded["subjects"]["things"]
    changed = ann.data("PUT", f"saves/{things['saves'][0]}", {"data": {"level": 99}}).body
    changed.pop("updatedAt")
    ann.data("DELETE", f"levels/{things['levels'][1]}")
    left = ann.data("GET", "levels").body["items"]
    return [changed, [thing["id"] for thing in left]]


# Changes by operators


@question
def boards_changed(site: Site, recorded: Json) -> Json:
    month = recorded["subjects"]["months"]["now"]
    mallory = recorded["subjects"]["players"]["mallory"]["id"]
    commands = (
        ("unhide", "minesweeper", month, "import-003"),
        ("remove", "minesweeper", month, "import-001"),
        ("unban", "--", mallory),
        ("limits", "snake", "--clear"),
    )
    done = [_changed(site, recorded, command) for command in commands]
    for each in done:
        # Thresholds are of months that go on; how a game is set up is not stored.
        for name in ("thresholds", "limits", "entries"):
            each.pop(name, None)
    return [done, _standing(site, "minesweeper", month), _told(site, recorded, "bans")]


@question
def boards_trimmed(site: Site, recorded: Json) -> Json:
    return _by_board(
        [
            board
            for game in ("snake", "bricks")
            for board in _changed(site, recorded, ("trim", game))["boards"]
        ]
    )


def _changed(site: Site, recorded: Json, command: tuple[str, ...]) -> Json:
    name, *arguments = command
    return site.htmlgame(name, "--yes", *arguments, at_ms=recorded["at"]).json


# Changes by creators, erasures last


@question
def secrets_changed(site: Site, recorded: Json) -> Json:
    project, maker = recorded["subjects"]["projects"]["snake"], site.creator(MAKER)
    maker.good("DELETE", f"/project/{project}/env/SHARED")
    maker.good("PUT", "/creator/env", {"key": "REPLACED", "value": "the third"})
    maker.good("PUT", f"/project/{project}", {"injectable": ["SHARED", "REPLACED"]})
    return [
        maker.good("GET", "/creator/env"),
        maker.good("GET", f"/project/{project}/env"),
        _resolved(site, project),
        maker.good("GET", f"/project/{project}")["version"],
    ]


@question
def erasures_finished(site: Site, recorded: Json) -> Json:
    """As the hourly rule does."""
    jobs, known = recorded["subjects"]["jobs"], recorded["subjects"]["projects"]
    let_erasures_finish(site)
    site.invoke(erasure.ERASE.name, {})
    done = {}
    for what in ("broken off", "not begun"):
        email, job_id = jobs[what]
        done[what] = _removed(site.creator(email), job_id)
    return [done, *(_left(site, known[email]) for email in (LEAVER, ASKER))]


@question
def a_player_forgotten(site: Site, recorded: Json) -> Json:
    """What leads to sessions that may go on stays for a day, so whether it goes is left out."""
    project, maker = recorded["subjects"]["projects"]["snake"], site.creator(MAKER)
    job = maker.good("POST", f"/project/{project}/forget", {"playerKey": "bob-key"})
    removed = _removed(maker, job["id"])
    # The sessions with which he came back to ask are of today.
    counted = {kind: removed.get(kind) for kind in ("events", "scores", "items")}
    left = [place for each in recorded["subjects"]["bob"] for place in _left(site, each)]
    return [counted, [place for place in left if not place.startswith("PL")]]


@question
def a_project_deleted(site: Site, recorded: Json) -> Json:
    project, maker = recorded["subjects"]["projects"]["leaving"], site.creator(MAKER)
    job = maker.good("DELETE", f"/project/{project}")
    removed = _removed(maker, job["id"])
    pruned = site.invoke(archive_manifest.PRUNE.name, {})
    others = archived(site, "told", recorded["subjects"]["projects"]["snake"])
    return [
        removed,
        _left(site, project),
        _resolved(site, project),
        pruned,
        archived(site, "told", project),
        [row["id"] for row in others if int(row["ms"]) <= recorded["at"]],
    ]


@question
def what_nobody_erased(site: Site, recorded: Json) -> Json:
    """The others are as they were."""
    project, maker = recorded["subjects"]["projects"]["snake"], site.creator(MAKER)
    today = recorded["day"]
    path = f"/analytics/summary?projectId={project}&from={today}&to={today}"
    ann = _back(site, recorded, "ann-key")
    return [
        maker.good("GET", "/projects"),
        maker.good("GET", path)["total"]["scores"],
        [thing["id"] for thing in ann.data("GET", "levels").body["items"]],
        len(ann.data("GET", "saves").body["items"]),
    ]


def _removed(creator: Creator, job_id: str) -> Json:
    """An erasure goes through every day since the project was made: an old record takes longer."""
    job = until(
        lambda: creator.good("GET", f"/creator/job/{job_id}"),
        lambda job: job["status"] == "done",
        _ERASURE_SECONDS,
    )
    return job["removed"]


def _left(site: Site, id: str) -> list[str]:
    """Kinds of the items, of whatever table, that still tell of it."""
    found = [
        item["PK"]["S"].partition("#")[0] or "?"
        for parameter in TABLES.values()
        for item in site.items(parameter)
        if id in str(item)
    ]
    return sorted(found)
