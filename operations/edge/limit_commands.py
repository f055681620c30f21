"""htmlgame limits: a game's limits, narrowed without a deploy"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import click

from lambdas.edge.live_limits import (
    LIMITS,
    Limit,
    Limits,
    LiveLimitsError,
    Number,
    limited,
    live_limits,
    narrowed,
    packaged_limits,
)
from lambdas.shared.edge_store import Changes
from lambdas.shared.values.clock import iso
from lambdas.shared.values.wire import LARGEST_INTEGER
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json
from operations.cli.session import Session
from operations.edge.store import Store
from operations.errors import OperatorError, WrongArgument
from operations.scores.scores import Scores

_BY_NAME: Final = {limit.name: limit for limit in LIMITS}


class TooWide(OperatorError):
    code = "too_wide"

    def __init__(self, game_id: str, limit: Limit, asked: Number, packaged: Number) -> None:
        if limit.name == "pauseMs":
            why = "the rotation of keys depends on the longest play"
        else:
            why = "the origin would refuse what is beyond its deployed limits"
        super().__init__(
            f"{limit.name}: {asked} is wider than the deployed {packaged}; {why}: "
            f"change config/game-config/{game_id}.json and deploy"
        )


class NothingLeft(OperatorError):
    code = "nothing_left"

    def __init__(self, name: str, lowest: Number, highest: Number) -> None:
        super().__init__(f"{name}: min {lowest} would be above max {highest}, so no play is valid")


@command("limits")
@click.argument("game")
@click.option(
    "--set",
    "asked",
    multiple=True,
    metavar="NAME=VALUE",
    help=f"Narrow a limit: {', '.join(_BY_NAME)}.",
)
@click.option("--clear", is_flag=True, help="Return to the deployed limits.")
@changes
def limits(
    session: Session, consent: Consent, game: str, asked: Sequence[str], *, clear: bool
) -> None:
    """Show a game's limits, or narrow them at the edge.

    With --set the edge uses the narrower limit within seconds, and keeps it through
    trims and deploys until --clear. If a deploy has a narrower limit, that limit
    applies.
    """
    rules = session.own(Scores).game(game)
    values = session.own(Store).values()
    packaged = packaged_limits(values, rules.id)
    if packaged is None:
        raise LiveLimitsError(f"the edge does not know {rules.id}: deploy it first")
    live = live_limits(values, rules.id)
    standing: dict[str, Number] = {} if live is None else live.values
    if not asked and not clear:
        document = {
            "game": rules.id,
            "setAt": None if live is None else live.at,
            "limits": _document(packaged, standing),
        }
        session.output.document(document, lambda: _show(session, packaged, standing))
        return
    if asked and clear:
        raise WrongArgument("limits", "--set or --clear, not both")
    wanted = {} if clear else _wanted(rules.id, packaged, standing, asked)
    _change(session, consent, rules.id, packaged, standing, wanted)


def _change(
    session: Session,
    consent: Consent,
    game_id: str,
    packaged: Limits,
    standing: Mapping[str, Number],
    wanted: Mapping[str, Number],
) -> None:
    def act() -> Json:
        at = iso(session.now_ms)

        def decide(values: Mapping[str, str]) -> Changes:
            return limited(values, game_id, wanted, at)

        written = session.own(Store).change(decide)
        return {"entries": len(written.puts), "limits": _document(packaged, wanted)}

    spoken = ", ".join(f"{name} {value}" for name, value in wanted.items())
    change = Change(
        "limits",
        {"game": game_id, **({"set": dict(wanted)} if wanted else {"clear": True})},
        f"Narrow {game_id} to {spoken}" if wanted else f"Clear the live limits of {game_id}",
        planned={"limits": len(wanted)},
        nothing="the limits are so already" if dict(wanted) == dict(standing) else None,
        document={"game": game_id},
    )
    carry_out(session, consent, change, act, lambda: _show(session, packaged, wanted))


def _wanted(
    game_id: str, packaged: Limits, standing: Mapping[str, Number], asked: Sequence[str]
) -> dict[str, Number]:
    wanted = dict(standing)
    for text in asked:
        limit, value = _parsed(text)
        deployed = limit.of(packaged)
        if deployed is not None and limit.narrower(value, deployed) != value:
            raise TooWide(game_id, limit, value, deployed)
        wanted[limit.name] = value
        if value == deployed:
            # The deployed limit: nothing is set live.
            del wanted[limit.name]
    _refuse_nothing_left(narrowed(packaged, wanted))
    return wanted


def _parsed(text: str) -> tuple[Limit, Number]:
    name, _, value = text.partition("=")
    limit = _BY_NAME.get(name)
    if limit is None:
        raise WrongArgument("--set", f"{name!r} is not one of {', '.join(_BY_NAME)}")
    if name == "perSecond":
        return limit, _positive(name, value)
    return limit, _whole(name, value)


def _positive(name: str, text: str) -> Number:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= LARGEST_INTEGER:
        raise WrongArgument(f"--set {name}", f"{text!r} is not a number above 0")
    return int(value) if value.is_integer() else value


def _whole(name: str, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise WrongArgument(f"--set {name}", f"{text!r} is not a whole number") from None
    lowest = -LARGEST_INTEGER if name.startswith("score.") else 0
    if not lowest <= value <= LARGEST_INTEGER:
        raise WrongArgument(f"--set {name}", f"{text} is not within {lowest} and {LARGEST_INTEGER}")
    return value


def _refuse_nothing_left(in_force: Limits) -> None:
    for name in ("score", "playMs"):
        lowest, highest = in_force[name]
        if lowest > highest:
            raise NothingLeft(name, lowest, highest)


def _document(packaged: Limits, live: Mapping[str, Number]) -> Json:
    in_force = narrowed(packaged, live)
    return {
        limit.name: {
            "deployed": limit.of(packaged),
            "live": live.get(limit.name),
            "inForce": limit.of(in_force),
        }
        for limit in LIMITS
    }


def _show(session: Session, packaged: Limits, live: Mapping[str, Number]) -> None:
    session.output.table(
        ["limit", ">deployed", ">live", ">in force"],
        (
            [name, each["deployed"], each["live"], each["inForce"]]
            for name, each in _document(packaged, live).items()
        ),
    )
