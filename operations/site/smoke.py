"""make smoke: plays through a deployed site, and leaves nothing behind.

A forgery must be refused, and so must an honest play for a period that is over: by the origin,
unless the edge refuses it first. Neither writes. With --write the worst possible score goes to
the shortest-lived board and its row is removed again; only that needs AWS credentials.
A deploy takes minutes to reach all of CloudFront, so a failed run is tried again for ten.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from config.games import Game
from local.make.variables import refuse_unknown_game
from operations.docs.pages import EDGE
from operations.errors import OperatorError
from operations.site.player import Player, Reply, Unreachable

_OVER: Final = {"daily": "2020-01-01", "weekly": "2020-W01", "monthly": "2020-01"}
"""A closed period of each kind, the shortest-lived kind first."""
_LONGEST_MS: Final = 60_000
_BETWEEN_TRIES: Final = 15
_BY_THE_EDGE: Final = {
    "below_threshold": "not good enough for the full board",
    "out_of_limits": "not within the limits that an operator has set",
}
"""Refusals of an honest play that are right before the origin is asked."""


class SmokeError(OperatorError):
    """A step failed; the message says where to look."""

    code = "not_playable"


class NotPlayable(OperatorError):
    code = "not_playable"


@dataclass(frozen=True, slots=True)
class Plan:
    game_id: str
    play_ms: int
    over: str | None
    board: str
    best: int
    worst: int | None
    """None if every new play ranks first, so that none would go unnoticed."""


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
    """The named game, else the one with a worst score and an ending period that is over soonest."""
    if wanted is not None:
        refuse_unknown_game(wanted, list(games))
        return plan_for(wanted, games[wanted])
    plans = [plan_for(game_id, game) for game_id, game in games.items()]
    return min(plans, key=lambda plan: (plan.worst is None, plan.over is None, plan.play_ms))


class Sweeper(Protocol):
    """Removes the row of a smoke play. operations/<capability>/sweeper.py makes one in ready()."""

    def remove(self, game_id: str, period_id: str, user_id: str) -> bool:
        """Returns whether there was a row."""


class Report:
    """Prints the steps. A line that an earlier try printed is not printed again."""

    def __init__(self) -> None:
        self._printed: set[str] = set()

    def say(self, mark: str, text: str) -> None:
        line = f"{mark} {text}"
        if line not in self._printed:
            print(line, flush=True)
        self._printed.add(line)

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
    def __init__(self, site: str, plan: Plan, sweeper: Sweeper | None, report: Report) -> None:
        self._plan = plan
        self._sweeper = sweeper
        self._say, self._step = report.say, report.step
        self._player = Player(site, plan.game_id, "smoke test")
        self._period_id = ""

    def run(self) -> None:
        plan, player = self._plan, self._player
        with self._step(f"the ranking {plan.game_id}/{plan.board} is read") as report:
            reply = expected(player.ranking(plan.board), 200, _NO_ORIGIN)
            self._period_id = str(reply.body["period"])
            cache = reply.headers.get("X-Cache", "not through a cache")
            report(f"{len(reply.body['items'])} entries, {cache}")
        with self._step("a play begins"):
            expected(player.start(), 200, _NO_EDGE)
        with self._step("it ends") as report:
            report(f"{self._end(time.monotonic())} ms attested")
        self._forge()
        self._submit_too_late()
        self._submit_the_worst()

    def _end(self, began: float) -> int:
        return end_play(self._player, self._plan.play_ms, began)

    def _forge(self) -> None:
        plan = self._plan
        with self._step("a forged score is refused at the edge") as report:
            forged = self._player.submit(plan.best, plan.board, signed_for=plan.best + 1)
            report(f"{refused(forged, 401, 'bad_signature', 'validate does not judge')}")

    def _submit_too_late(self) -> None:
        plan = self._plan
        if plan.over is None:
            self._say(
                "-",
                f"{plan.game_id} has no period that ends, so no play reaches the origin",
            )
            return
        with self._step(f"an honest play for {plan.over} is refused") as report:
            late = self._player.submit(plan.best, plan.over)
            if late.code in _BY_THE_EDGE:
                report(
                    f"{_BY_THE_EDGE[late.code]}, according to the edge, so the origin was not asked"
                )
            else:
                report(f"{refused(late, 410, 'period_closed', _NO_ORIGIN)} by the origin")

    def _submit_the_worst(self) -> None:
        plan, sweeper = self._plan, self._sweeper
        if sweeper is None:
            return
        if plan.worst is None:
            self._say(
                "-",
                f"{plan.game_id} ranks any new play first, so no score is written to its boards",
            )
            return
        written_to = {self._period_id}
        name = f"the worst score goes to {plan.game_id}/{plan.board} and is judged"
        with self._step(name) as report:
            try:
                reply = self._player.submit(plan.worst, plan.board)
                report(judgement(reply))
                written_to.update(reply.body.get("results", {}))
            finally:
                # Even without an answer the row may have been written.
                removed = [
                    period_id
                    for period_id in written_to
                    if sweeper.remove(plan.game_id, period_id, self._player.id)
                ]
        self._say("✓", f"nothing is left behind: {', '.join(removed) or 'no row'} removed")


def judgement(reply: Reply) -> str:
    if reply.code in _BY_THE_EDGE:
        return f"{_BY_THE_EDGE[reply.code]}, according to the edge"
    [result] = expected(reply, 200, _NO_ORIGIN).body["results"].values()
    if not result["accepted"]:
        return "not good enough for the full board, according to the origin"
    return f"rank {result['rank']}"


def end_play(player: Player, play_ms: int, began: float) -> int:
    """Ends the play as soon as the limits allow: an operator may have raised the shortest time."""
    while True:
        soonest = began + play_ms / 1000
        time.sleep(max(0, soonest - time.monotonic()))
        reply = player.end(play_ms)
        if reply.code != "out_of_limits" or play_ms > _LONGEST_MS:
            expected(reply, 200, f"check the edge's keys and clock; {EDGE}")
            return play_ms
        play_ms *= 2


_NO_EDGE: Final = "check that the distribution has the patch: make patch-plan"
_NO_ORIGIN: Final = (
    "check that the API is behind the site: the logs of htmlgame-put-score and get-ranking"
)


def expected(reply: Reply, status: int, fix: str) -> Reply:
    if reply.status != status or isinstance(reply.body, str):
        raise SmokeError(f"{reply}; expected {status}: {fix}")
    return reply


def refused(reply: Reply, status: int, code: str, fix: str) -> str:
    if (reply.status, reply.code) != (status, code):
        raise SmokeError(f"{reply}; expected {status} {code}: {fix}")
    return f"{status} {code}"


def play(site: str, plan: Plan, sweeper: Sweeper | None, patience: float) -> None:
    try:
        smoke(site, plan, sweeper, patience)
    except (SmokeError, Unreachable) as error:
        raise NotPlayable(f"not playable: {error}") from error
    except KeyboardInterrupt:
        raise NotPlayable("not playable yet: stopped before its patience ended") from None


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
    return f"{minutes} min {seconds:02d} s left, and one try each {_BETWEEN_TRIES} s"
