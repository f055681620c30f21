"""htmlgame thresholds, trim, invalidations, keys and patch: the edge and what feeds it"""

import click

from config import names
from lambdas.edge.distribution import Reading
from lambdas.edge.patch_plan import masked
from lambdas.edge.token_keys import CURRENT, PREVIOUS
from lambdas.scores.games import Game
from lambdas.scores.periods import iso
from lambdas.scores.trimming import due_boards
from lambdas.shared.http.origin_lock import accepted_values
from lambdas.shared.keys.signing_keys import made_at
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json, counted, duration, short_time
from operations.cli.session import Session
from operations.edge import patch as patch_plan
from operations.edge.live_distribution import notices
from operations.errors import OperatorError
from operations.scores.boards import Board, Census, boards_of
from operations.scores.settle import invoke
from operations.scores.thresholds import by_name, compared

_DAY_MS = 24 * 3600 * 1000


@command("thresholds")
@click.argument("game", required=False)
def thresholds(session: Session, game: str | None) -> None:
    """What the edge asks for on each open board, and what the board would ask for now.

    Behind is as it should be between trims: the edge lets through what the
    origin then judges. Too strict is not: trim mends it.
    """
    boards = list(boards_of(_games(session, game), session.now_ms, past=0))
    stored = session.store.values()
    documents = []
    with session.output.progress("reading boards", len(boards)) as done:
        for board in boards:
            documents.append(_threshold_document(session, board, stored))
            done(1)

    def show() -> None:
        session.output.table(
            ["game", "period", "state", "the edge asks", "the board asks", "written (UTC)"],
            (
                [
                    each["game"],
                    each["period"],
                    each["state"],
                    to_beat(each["edge"]),
                    to_beat(each["board"]),
                    short_time(each["updatedAt"]),
                ]
                for each in documents
            ),
        )

    session.output.document({"thresholds": documents}, show)


def _games(session: Session, game: str | None) -> list[Game]:
    return list(session.games) if game is None else [session.game(game)]


def _threshold_document(session: Session, board: Board, stored: dict[str, str]) -> Json:
    found = compared(stored, board, Census.of(session.table, board))
    return {
        "game": board.game.id,
        "period": board.period.id,
        "state": found.state,
        "edge": named(board, found.stored),
        "board": named(board, found.computed),
        "updatedAt": found.updated_at,
    }


def named(board: Board, threshold: list[int] | None) -> dict[str, int] | None:
    return None if threshold is None else by_name(board, threshold)


def to_beat(threshold: dict[str, int] | None) -> str | None:
    if threshold is None:
        return None
    spoken = {"score": "{:,}".format, "timeMs": duration}
    return ", ".join(spoken[key](value) for key, value in threshold.items() if key in spoken)


@command("trim")
@click.argument("game", required=False)
@changes
def trim(session: Session, consent: Consent, game: str | None) -> None:
    """Bring boards back to their top N now, and tell the edge.

    As every night: the open boards, and those that closed last.
    """
    due = [
        [game_id, period.id]
        for game_id, period in due_boards(_games(session, game), session.now_ms)
    ]

    def act() -> Json:
        # Asked for no boards it does a whole night's work, and says so.
        payload = {} if game is None else {"boards": due}
        answer = invoke(
            session, names.TRIM_TOP, payload, doing=f"trimming {counted(len(due), 'board')}"
        )
        report = answer["boards"]
        if not session.output.as_json:
            _show_trimmed(session, report)
        return {
            "boards": report,
            "deleted": sum(each["deleted"] for each in report),
            "thresholds": len(answer["thresholds"]),
            "running on": len(answer["left"]),
        }

    change = Change(
        "trim",
        {} if game is None else {"game": game},
        f"Trim {counted(len(due), 'board')} to their top N",
        planned={"boards": len(due)},
    )
    carry_out(session, consent, change, act)


def _show_trimmed(session: Session, report: list[Json]) -> None:
    session.output.table(
        ["game", "period", ">rows read", ">deleted", ">hidden"],
        (
            [each["game"], each["period"], each["rows"], each["deleted"], each["hidden"]]
            for each in report
        ),
    )


@command("invalidations")
def invalidations(session: Session) -> None:
    """How much of this month's budget of cache invalidations is spent."""
    month = iso(session.now_ms)[:7]
    spent, turns = session.table.invalidations(month)
    budget = session.target.environment.invalidations_a_month
    games = [{"game": game, "last": iso(turn)} for game, turn in sorted(turns.items())]
    document = {"month": month, "spent": spent, "budget": budget, "games": games}

    def show() -> None:
        session.output.say(f"{spent:,} of {budget:,} in {month}")
        if games:
            session.output.say("")
            session.output.table(
                ["game", "last (UTC)"],
                ([each["game"], short_time(each["last"])] for each in games),
            )

    session.output.document(document, show)


@click.group("keys")
def keys() -> None:
    """The keys that play tokens are signed with, and the origin lock."""


@command("show")
def show_keys(session: Session) -> None:
    """Their ids and ages; never the keys."""
    found = [
        _key_document(session, name, text)
        for name, text in (
            ("current", session.store.get(CURRENT)),
            ("previous", session.store.get(PREVIOUS)),
        )
        if text is not None
    ]
    lock = session.target.shared("ssm").get_parameter(Name=names.ORIGIN_LOCK, WithDecryption=True)
    changed_at = iso(int(lock["Parameter"]["LastModifiedDate"].timestamp() * 1000))
    values = len(accepted_values(lock["Parameter"]["Value"]))
    document = {"tokenKeys": found, "originLock": {"values": values, "changedAt": changed_at}}

    def show() -> None:
        session.output.table(
            ["key", "id", "made (UTC)", ">age in days"],
            [
                *(
                    [f"token, {key['name']}", key["kid"], short_time(key["madeAt"]), key["ageDays"]]
                    for key in found
                ),
                [f"origin lock, {values} accepted", None, short_time(changed_at), None],
            ],
        )

    session.output.document(document, show)


class NoKey(OperatorError):
    code = "no_key"

    def __init__(self, name: str) -> None:
        super().__init__(f"the {name} token key is no key: htmlgame doctor tells the mend")


def _key_document(session: Session, name: str, text: str) -> Json:
    try:
        made_ms = made_at(text) * 1000
    except ValueError:
        raise NoKey(name) from None
    return {
        "name": name,
        "kid": text.partition(":")[0],
        "madeAt": iso(made_ms),
        "ageDays": max(0, session.now_ms - made_ms) // _DAY_MS,
    }


@command("rotate")
@click.option("--sessions", is_flag=True, help="The keys of the telemetry's sessions instead.")
@changes
def rotate_keys(session: Session, consent: Consent, *, sessions: bool) -> None:
    """New token keys and a new origin lock, with no play in flight lost.

    The previous ones are honoured until the next rotation, so a second one that
    would come too soon is refused with the seconds to wait.
    """

    function = names.TELEMETRY_KEYS if sessions else names.ROTATE_KEYS

    def act() -> Json:
        made = invoke(session, function, {}, doing="rotating keys")["madeAt"]
        return {"rotated": True, "madeAt": iso(made * 1000)}

    if sessions:
        change = Change("keys rotate", {"sessions": True}, "Rotate the sessions' keys", {"keys": 1})
    else:
        change = Change("keys rotate", {}, "Rotate the token keys and the origin lock", {"keys": 2})
    carry_out(session, consent, change, act)


keys.add_command(show_keys)
keys.add_command(rotate_keys)


class PatchNeeded(OperatorError):
    code = "patch_needed"

    def __init__(self, changes: tuple[str, ...]) -> None:
        super().__init__(
            f"the distribution lacks {counted(len(changes), 'change')} "
            f"({'; '.join(changes)}): htmlgame patch apply, or make deploy"
        )


@click.group("patch")
def patch() -> None:
    """Our part of the site's distribution."""


@command("plan")
def plan_patch(session: Session) -> None:
    """What a deploy would change in the live distribution, without changing it."""
    before, planned = patch_plan.plan(session.target.environment, session.target.shared)
    difference = list(patch_plan.difference(before, planned.xml)) if planned.changes else []
    found = list(notices(before, session.target.environment.distribution_grants))
    document = {
        "changes": list(planned.changes),
        "difference": difference,
        "notices": [{"what": each.what, "fix": each.fix} for each in found],
    }

    def show() -> None:
        for each in found:
            session.output.warn(f"{each.what}: {each.fix}")
        if not planned.changes:
            session.output.say("nothing to change: the distribution carries everything already")
            return
        session.output.say("\n".join(planned.changes) + "\n")
        session.output.verbatim("".join(difference))

    session.output.document(document, show)


@command("apply")
@changes
def apply_patch(session: Session, consent: Consent) -> None:
    """Have the drift guard put our part back; it keeps a copy of what was there."""
    patch_plan.refuse_unknown_endpoints(session.target.environment, session.target.shared)
    _, planned = patch_plan.plan(session.target.environment, session.target.shared)

    def act() -> Json:
        healed = invoke(session, names.DRIFT_GUARD, {}, doing="putting our part back")["healed"]
        _, left = patch_plan.plan(session.target.environment, session.target.shared)
        if left.changes:
            session.output.warn(
                "the deployed guard knows of no more than this, but this checkout does: "
                "make deploy brings the rest"
            )
        return {"healed": len(healed), "left": len(left.changes)}

    change = Change(
        "patch apply",
        {},
        f"Make {counted(len(planned.changes), 'change')} to the live distribution",
        planned={"changes": len(planned.changes)},
        nothing=None if planned.changes else "the distribution carries everything already",
        document={"changes": list(planned.changes)},
    )
    carry_out(session, consent, change, act, lambda: session.output.say("\n".join(planned.changes)))


@command("remove")
@click.argument("distribution")
@changes
def remove_patch(session: Session, consent: Consent, distribution: str) -> None:
    """Take htmlgame out of a distribution that a deploy has moved away from."""
    environment, clients = session.target.environment, session.target.shared
    planned = patch_plan.removal(distribution, environment, clients)

    def keep(reading: Reading) -> None:
        session.output.note(masked(reading.xml).decode())

    def act() -> Json:
        removed = patch_plan.remove(distribution, environment, clients, keep)
        return {"removed": len(removed.changes)}

    change = Change(
        "patch remove",
        {"distribution": distribution},
        f"Make {counted(len(planned.changes), 'change')} to the distribution {distribution}",
        planned={"changes": len(planned.changes)},
        nothing=None if planned.changes else "nothing of htmlgame is in it",
        document={"changes": list(planned.changes)},
    )
    carry_out(session, consent, change, act, lambda: session.output.say("\n".join(planned.changes)))


@command("verify")
def verify_patch(session: Session) -> None:
    """Ends with 1 where the distribution lacks anything of ours."""
    patch_plan.refuse_unknown_endpoints(session.target.environment, session.target.shared)
    _, planned = patch_plan.plan(session.target.environment, session.target.shared)
    if planned.changes:
        raise PatchNeeded(planned.changes)
    session.output.document(
        {"changes": []}, lambda: session.output.say("the distribution carries everything")
    )


for each in (plan_patch, apply_patch, remove_patch, verify_patch):
    patch.add_command(each)
