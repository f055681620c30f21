"""htmlgame boards, htmlgame top"""

from collections.abc import Mapping
from typing import Any

import click

from lambdas.scores.lookalikes import lookalikes
from lambdas.scores.rules import Entry, in_order, visible
from operations.cli.command import command
from operations.cli.output import duration, short_time
from operations.cli.session import Session
from operations.edge.store import Store
from operations.scores.boards import Board, Census, boards_of
from operations.scores.scores import Scores
from operations.scores.thresholds import compared, named, to_beat

Json = dict[str, Any]


@command("boards")
@click.option(
    "--past",
    default=1,
    show_default=True,
    type=click.IntRange(0, 400),
    help="How many closed periods of each kind to show.",
)
def boards(session: Session, past: int) -> None:
    """List every board: entries, last change, and what the edge asks for.

    The table cannot list its boards, so they are derived from the games and their
    periods.
    """
    found = list(boards_of(session.own(Scores).games, session.now_ms, past=past))
    stored = session.own(Store).values()
    documents = []
    with session.output.progress("reading boards", len(found)) as done:
        for board in found:
            documents.append(_board_document(session, board, stored))
            done(1)
    session.output.document({"boards": documents}, lambda: _show_boards(session, documents))


def _board_document(session: Session, board: Board, stored: Mapping[str, str]) -> Json:
    census = Census.of(session.own(Scores).table, board)
    is_open = board.period.contains(session.now_ms)
    asked = compared(stored, board, census) if is_open else None
    return {
        "game": board.game.id,
        "period": board.period.id,
        "kind": board.period.kind,
        "open": is_open,
        "entries": census.entries,
        "hidden": census.hidden,
        "unreadable": census.unreadable,
        "topN": board.game.top_n,
        "updatedAt": census.updated_at,
        "threshold": named(board, asked.stored if asked else None),
    }


def _show_boards(session: Session, documents: list[Json]) -> None:
    session.output.table(
        ["game", "period", ">entries", ">of", "~beside", "last change (UTC)", "to beat"],
        (
            [
                document["game"],
                document["period"],
                document["entries"],
                document["topN"],
                _beside(document),
                short_time(document["updatedAt"]),
                to_beat(document["threshold"]) if document["open"] else "closed",
            ]
            for document in documents
        ),
    )


def _beside(document: Json) -> str:
    counts = {name: document[name] for name in ("hidden", "unreadable")}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


@command("top")
@click.argument("game")
@click.argument("period", required=False)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000))
@click.option("--hidden", is_flag=True, help="Also show hidden entries, at their rank.")
def top(session: Session, game: str, period: str | None, limit: int, *, hidden: bool) -> None:
    """Show the best entries of a board, read from the table and not from a cache.

    PERIOD is all, monthly, weekly, daily, or an id such as 2026-11.
    """
    rules = session.own(Scores).game(game)
    board = Board(rules, session.own(Scores).period(rules, period))
    entries = session.own(Scores).table.rows(board.key)
    shown = in_order(rules.order, entries if hidden else visible(entries))
    marked = lookalikes(visible(shown)[: rules.top_n])
    items = [_item(rank, entry, marked) for rank, entry in enumerate(shown[:limit], 1)]
    document = {"game": rules.id, "period": board.period.id, "items": items}
    session.output.document(document, lambda: _show_items(session, board, items))


def _item(rank: int, entry: Entry, marked: frozenset[str]) -> Json:
    return {
        "rank": rank,
        "userId": entry.user_id,
        "userName": entry.user_name,
        "score": entry.score,
        "timeMs": entry.time_ms,
        "updatedAt": entry.updated_at,
        "hiddenAt": entry.hidden_at,
        "lookalike": entry.user_id in marked,
    }


def _show_items(session: Session, board: Board, items: list[Json]) -> None:
    if not items:
        session.output.say(f"{board.name} has no entries")
        return
    columns = [">", "~name", ">score", ">time", "player", "when (UTC)"]
    marked = any(item["lookalike"] for item in items)
    session.output.table(
        [*columns, "mark"] if marked else columns,
        (_item_cells(item, marked=marked) for item in items),
    )


def _item_cells(item: Json, *, marked: bool) -> list[object]:
    cells = [
        item["rank"],
        item["userName"],
        item["score"],
        duration(item["timeMs"]),
        item["userId"],
        "hidden" if item["hiddenAt"] else short_time(item["updatedAt"]),
    ]
    return [*cells, "look-alike" if item["lookalike"] else ""] if marked else cells
