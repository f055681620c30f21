"""htmlgame thresholds, trim and invalidations"""

import click

from config.capabilities import scores as scores_manifest
from lambdas.scores.games import Game
from lambdas.scores.trimming import due_boards
from lambdas.shared.values.clock import iso
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.invoke import invoke
from operations.cli.output import Json, counted, short_time
from operations.cli.session import Session
from operations.edge.store import Store
from operations.scores.boards import Board, Census, boards_of
from operations.scores.scores import Scores
from operations.scores.thresholds import compared, named, to_beat


@command("thresholds")
@click.argument("game", required=False)
def thresholds(session: Session, game: str | None) -> None:
    """Compare the edge's threshold of each open board with the board itself.

    "behind" is normal between trims: the edge forwards plays that the origin then
    refuses. "too strict" is an error: the edge refuses good plays, until trim.
    """
    boards = list(boards_of(_games(session, game), session.now_ms, past=0))
    stored = session.own(Store).values()
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
    scores = session.own(Scores)
    return list(scores.games) if game is None else [scores.game(game)]


def _threshold_document(session: Session, board: Board, stored: dict[str, str]) -> Json:
    found = compared(stored, board, Census.of(session.own(Scores).table, board))
    return {
        "game": board.game.id,
        "period": board.period.id,
        "state": found.state,
        "edge": named(board, found.stored),
        "board": named(board, found.computed),
        "updatedAt": found.updated_at,
    }


@command("trim")
@click.argument("game", required=False)
@changes
def trim(session: Session, consent: Consent, game: str | None) -> None:
    """Take rows below the top N off now, refill boards, and update the edge's thresholds.

    Trims the boards that the nightly trim trims: open ones, and those that closed
    last.
    """
    games = _games(session, game)
    due = [[game_id, period.id] for game_id, period in due_boards(games, session.now_ms)]

    def act() -> Json:
        # Without boards the function does a whole night's work, and logs that it did.
        payload = {} if game is None else {"boards": due}
        doing = f"trimming {counted(len(due), 'board')}"
        answer = invoke(session, scores_manifest.TRIM_TOP.name, payload, doing=doing)
        report = answer["boards"]
        if not session.output.as_json:
            _show_trimmed(session, report)
        return {
            "boards": report,
            "deleted": sum(each["deleted"] for each in report),
            "promoted": sum(each["promoted"] for each in report),
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
        ["game", "period", ">rows read", ">deleted", ">promoted", ">hidden"],
        (
            [each[name] for name in ("game", "period", "rows", "deleted", "promoted", "hidden")]
            for each in report
        ),
    )


@command("invalidations")
def invalidations(session: Session) -> None:
    """Show how much of this month's budget of cache invalidations is spent."""
    month = iso(session.now_ms)[:7]
    spent, turns = session.own(Scores).table.invalidations(month)
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
