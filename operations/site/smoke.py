"""make smoke: plays through a deployed site, and leaves nothing behind.

A forgery must be refused, and so must an honest play for a period that is over: by the origin,
unless the edge has a reason already. Neither writes. With --write the worst score there is goes
onto the shortest-lived board, and its row is taken out again; that alone needs AWS credentials.
After a deploy CloudFront takes some minutes to be the same everywhere, so it tries again for ten.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from config import names
from config.games import Game, load_games
from lambdas.scores.rules import Entry, entry_of
from lambdas.scores.table import ScoreTable, board_key
from local.make.variables import refuse_unknown_game, site_named
from local.terminal.arguments import Arguments
from local.terminal.errors import VariableError
from operations.account.aws_session import aws_session, core_of
from operations.account.errors import account_problem
from operations.account.identity import identify
from operations.edge.patch import parameter
from operations.errors import AccountError
from operations.site.player import Player, Reply, Unreachable

_OVER: Final = {"daily": "2020-01-01", "weekly": "2020-W01", "monthly": "2020-01"}
"""A period of each kind that is closed for ever, the shortest-lived kind first."""
_EDGE_LENIENCE_MS: Final = 1_500
"""A play may claim two seconds more than have passed; so most smoke plays need not wait."""
_LONGEST_MS: Final = 60_000
_BETWEEN_TRIES: Final = 15
_PATIENCE: Final = 600
_BY_THE_EDGE: Final = {
    "below_threshold": "not good enough for the full board",
    "out_of_limits": "not within the limits that an operator has set",
}
"""Refusals of an honest play that a site in good order gives before it asks the origin."""


class SmokeError(Exception):
    """What did not go as it should, and where to look."""


@dataclass(frozen=True, slots=True)
class Plan:
    game_id: str
    play_ms: int
    over: str | None
    board: str
    best: int
    worst: int | None
    """None where every new play stands first, so that none could go unnoticed."""


def plan_for(game_id: str, game: Game) -> Plan:
    limits = game.limits
    play_ms = max(limits.playMs.min, 1_000)
    most = limits.score.max
    if limits.perSecond is not None:
        most = max(limits.score.min, min(most, int(limits.perSecond * play_ms / 1000)))
    kinds = [kind for kind in _OVER if kind in game.periods]
    key, direction = game.order[0]
    worst: int | None = None
    if key == "score":
        worst = limits.score.min if direction == "desc" else most
    elif (key, direction) in {("timeMs", "desc"), ("updatedAt", "asc")}:
        worst = limits.score.min
    best = most if (key, direction) == ("score", "desc") else limits.score.min
    return Plan(
        game_id=game_id,
        play_ms=play_ms,
        over=_OVER[kinds[0]] if kinds else None,
        board=kinds[0] if kinds else "all",
        best=best,
        worst=worst,
    )


def choose(games: dict[str, Game], wanted: str | None) -> Plan:
    """The game named, or the one whose plays are told apart and are over soonest."""
    if wanted is not None:
        refuse_unknown_game(wanted, list(games))
        return plan_for(wanted, games[wanted])
    plans = [plan_for(game_id, game) for game_id, game in games.items()]
    return min(plans, key=lambda plan: (plan.worst is None, plan.over is None, plan.play_ms))


class Report:
    """What is printed, step by step. What an earlier try has said already is not said again."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, mark: str, text: str) -> None:
        line = f"{mark} {text}"
        if line not in self._said:
            print(line, flush=True)
        self._said.add(line)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        details: list[str] = []
        try:
            yield details.append
        except (SmokeError, Unreachable):
            self.say("✗", name)
            raise
        self.say("✓", f"{name}: {details[0]}" if details else name)


class Smoke:
    def __init__(self, site: str, plan: Plan, sweeper: "Sweeper | None", report: Report) -> None:
        self._plan = plan
        self._sweeper = sweeper
        self._say, self._step = report.say, report.step
        self._player = Player(site, plan.game_id, "smoke test")
        self._period_id = ""

    def run(self) -> None:
        plan, player = self._plan, self._player
        with self._step(f"the ranking {plan.game_id}/{plan.board} is read") as told:
            reply = expected(player.ranking(plan.board), 200, _NO_ORIGIN)
            self._period_id = str(reply.body["period"])
            cache = reply.headers.get("X-Cache", "not through a cache")
            told(f"{len(reply.body['items'])} entries, {cache}")
        with self._step("a play begins"):
            expected(player.start(), 200, _NO_EDGE)
        with self._step("it ends") as told:
            told(f"{self._end(time.monotonic())} ms attested")
        self._forge()
        self._submit_too_late()
        self._submit_the_worst()

    def _end(self, began: float) -> int:
        return end_play(self._player, self._plan.play_ms, began)

    def _forge(self) -> None:
        plan = self._plan
        with self._step("a forged score is refused at the edge") as told:
            forged = self._player.submit(plan.best, plan.board, signed_for=plan.best + 1)
            told(f"{refused(forged, 401, 'bad_signature', 'validate does not judge')}")

    def _submit_too_late(self) -> None:
        plan = self._plan
        if plan.over is None:
            self._say(
                "-", f"{plan.game_id} has no period that ends: that the origin judges is not shown"
            )
            return
        with self._step(f"an honest play for {plan.over} is refused") as told:
            late = self._player.submit(plan.best, plan.over)
            if late.code in _BY_THE_EDGE:
                told(f"{_BY_THE_EDGE[late.code]}, said the edge; so the origin was not asked")
            else:
                told(f"{refused(late, 410, 'period_closed', _NO_ORIGIN)} by the origin")

    def _submit_the_worst(self) -> None:
        plan, sweeper = self._plan, self._sweeper
        if sweeper is None:
            return
        if plan.worst is None:
            self._say(
                "-", f"{plan.game_id} ranks any new play first: no score is put onto its boards"
            )
            return
        written_to = {self._period_id}
        name = f"the worst score goes to {plan.game_id}/{plan.board} and is judged"
        with self._step(name) as told:
            try:
                reply = self._player.submit(plan.worst, plan.board)
                told(judgement(reply))
                written_to.update(reply.body.get("results", {}))
            finally:
                # Whatever became of the answer, the row may be there.
                removed = [
                    period_id
                    for period_id in written_to
                    if sweeper.remove(plan.game_id, period_id, self._player.id)
                ]
        self._say("✓", f"nothing of it is left: {', '.join(removed) or 'no row'} removed")


def judgement(reply: Reply) -> str:
    if reply.code in _BY_THE_EDGE:
        return f"{_BY_THE_EDGE[reply.code]}, said the edge"
    [result] = expected(reply, 200, _NO_ORIGIN).body["results"].values()
    if not result["accepted"]:
        return "not good enough for the full board, said the origin"
    return f"rank {result['rank']}"


def end_play(player: Player, play_ms: int, began: float) -> int:
    """As soon as may be: an operator may have made the shortest play longer."""
    while True:
        soonest = began + (play_ms - _EDGE_LENIENCE_MS) / 1000
        time.sleep(max(0, soonest - time.monotonic()))
        reply = player.end(play_ms)
        if reply.code != "out_of_limits" or play_ms > _LONGEST_MS:
            expected(reply, 200, "the edge's keys or its clock; docs/explanation/edge.md")
            return play_ms
        play_ms *= 2


class Sweeper:
    """Takes out what a smoke play put onto a board; tried before the play, not after it."""

    def __init__(self, table: ScoreTable) -> None:
        self._table = table

    @classmethod
    def ready(cls) -> "Sweeper":
        session = aws_session()
        identify(core_of(session))
        clients = session.client
        table_name = parameter(names.SCORE_TABLE_NAME, clients)
        if table_name is None:
            raise SmokeError(
                f"no SSM parameter {names.SCORE_TABLE_NAME}: are these the credentials and the "
                "region of the account that the site is in?"
            )
        table = ScoreTable(clients("dynamodb"), table_name)
        table.rows(_REHEARSAL)
        table.evict(_REHEARSAL, _NOBODY)
        return cls(table)

    def remove(self, game_id: str, period_id: str, user_id: str) -> bool:
        key = board_key(game_id, period_id)
        entry = entry_of(self._table.rows(key, consistent=True), user_id)
        return entry is not None and self._table.evict(key, entry)


_REHEARSAL: Final = board_key("smoke-test", "all")
_NOBODY: Final = Entry(
    user_id="nobody", user_name="", score=0, time_ms=0, updated_at="", rk="none", play=""
)
_NO_EDGE: Final = "is the patch in the distribution? make patch-plan"
_NO_ORIGIN: Final = "is the API behind the site? the logs of htmlgame-put-score and get-ranking"


def expected(reply: Reply, status: int, mend: str) -> Reply:
    if reply.status != status or isinstance(reply.body, str):
        raise SmokeError(f"{reply}; expected {status}: {mend}")
    return reply


def refused(reply: Reply, status: int, code: str, mend: str) -> str:
    if (reply.status, reply.code) != (status, code):
        raise SmokeError(f"{reply}; expected {status} {code}: {mend}")
    return f"{status} {code}"


def smoke(site: str, plan: Plan, sweeper: Sweeper | None, patience: float) -> None:
    deadline = time.monotonic() + patience
    report = Report()
    while True:
        try:
            Smoke(site, plan, sweeper, report).run()
        except (SmokeError, Unreachable) as error:
            left_s = deadline - time.monotonic()
            if left_s < _BETWEEN_TRIES:
                raise
            report.say("…", str(error))
            report.say(
                "…", f"waiting until CloudFront has the deploy everywhere: {remaining(left_s)}"
            )
            time.sleep(_BETWEEN_TRIES)
        else:
            return


def remaining(left_s: float) -> str:
    minutes, seconds = divmod(int(left_s), 60)
    return f"{minutes} min {seconds:02d} s left, and a try each {_BETWEEN_TRIES} s"


def _play(site: str, plan: Plan, sweeper: Sweeper | None, patience: float) -> None:
    try:
        smoke(site, plan, sweeper, patience)
    except KeyboardInterrupt:
        sys.exit("not playable yet: stopped before its patience ended")


def main(arguments: list[str] | None = None) -> None:
    parser = Arguments(prog="make smoke", description="plays through a deployed site")
    parser.add_argument("site")
    parser.add_argument("--game")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--patience", type=float, default=_PATIENCE, metavar="SECONDS")
    options: Any = parser.parse_args(arguments)
    try:
        site = site_named(options.site)
        plan = choose(load_games(), options.game)
        sweeper = Sweeper.ready() if options.write else None
        _play(site, plan, sweeper, options.patience)
    except (SmokeError, Unreachable) as error:
        sys.exit(f"not playable: {error}")
    except (AccountError, VariableError) as error:
        sys.exit(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.exit(str(account_problem(error) or f"AWS did not answer as hoped: {error}"))
    print(f"{site} is playable")


if __name__ == "__main__":
    main()
