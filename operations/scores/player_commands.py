"""htmlgame player, find and rename: one player on all boards"""

from collections import defaultdict

import click

from lambdas.shared.values.names import clean_name
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json, counted
from operations.cli.session import Session
from operations.edge.store import Store
from operations.errors import NotFound
from operations.scores.bans import ban_of
from operations.scores.boards import Board
from operations.scores.entries import (
    boards_of_session,
    entries_of,
    entry_document,
    folded,
    player_id,
    row_document,
    show_entries,
    since_option,
)
from operations.scores.operator_table import Row
from operations.scores.scores import Scores
from operations.scores.settle import settled


@command("player")
@click.argument("user_id")
@since_option
def player(session: Session, user_id: str, since: str | None) -> None:
    """Show a player's entries on every board, and whether the player is banned.

    Boards that ended before the table was created are left out, unless --since
    names an earlier day.
    """
    found = entries_of(session, player_id(user_id), since)
    ban = ban_of(session.own(Store), user_id)
    entries = [entry_document(session, *each) for each in found]
    document = {
        "userId": user_id,
        "ban": None if ban is None else ban.document(),
        "entries": entries,
    }

    def show() -> None:
        if ban is not None:
            since_when = f"since {ban.at}" if ban.at else "at an unknown time"
            session.output.say(f"banned {since_when}: {ban.reason or 'no reason given'}\n")
        show_entries(session, entries)
        if not entries:
            session.output.say(f"{user_id} has no entry")

    session.output.document(document, show)


@command("find")
@click.argument("name")
@click.option("--game", help="Search the boards of this game only.")
@since_option
def find(session: Session, name: str, game: str | None, since: str | None) -> None:
    """Find players by a part of their display name, whatever its case.

    Reads every row of the boards it searches. Display names are not unique: every
    player who matches is listed, with the id that other commands take.
    """
    scores = session.own(Scores)
    wanted = folded(clean_name(name, field="NAME"))
    boards = boards_of_session(session, since, None if game is None else [scores.game(game)])
    found: defaultdict[str, list[tuple[Board, Row]]] = defaultdict(list)
    with session.output.progress("reading boards", len(boards)) as done:
        for board in boards.values():
            for row in scores.table.whole_rows(board.key):
                if row.entry is not None and wanted in folded(row.entry.user_name):
                    found[row.user_id].append((board, row))
            done(1)
    players = [_player_document(user_id, rows) for user_id, rows in sorted(found.items())]

    def show() -> None:
        if not players:
            session.output.say(f"no player's name contains {name!r}")
            return
        session.output.table(
            ["player", "~name", ">entries", "~boards"],
            ([each["userId"], each["names"], each["count"], each["boards"]] for each in rows()),
        )

    def rows() -> list[Json]:
        return [
            {
                "userId": each["userId"],
                "names": ", ".join(each["names"]),
                "count": len(each["entries"]),
                "boards": ", ".join(f"{e['game']}/{e['period']}" for e in each["entries"]),
            }
            for each in players
        ]

    session.output.document({"name": name, "players": players}, show)


def _player_document(user_id: str, rows: list[tuple[Board, Row]]) -> Json:
    names = dict.fromkeys(row.entry.user_name for _, row in rows if row.entry is not None)
    return {
        "userId": user_id,
        "names": list(names),
        "entries": [
            {"game": board.game.id, "period": board.period.id, **row_document(row)}
            for board, row in rows
        ],
    }


@command("rename")
@click.argument("game")
@click.argument("user_id")
@click.argument("name")
@since_option
@changes
def rename(
    session: Session, consent: Consent, game: str, user_id: str, name: str, since: str | None
) -> None:
    """Give a player another name on all boards of a game.

    The name stays until the player submits a better entry under another name.
    """
    scores = session.own(Scores)
    rules = scores.game(game)
    new_name = clean_name(name, field="NAME")
    found = entries_of(session, player_id(user_id), since, [rules])
    if not found:
        raise NotFound(f"USER_ID: {user_id} has no entry in {rules.id}")

    def act() -> Json:
        return settled(
            session,
            [board for board, _ in found],
            lambda: {"renamed": sum(scores.table.rename(row, new_name) for _, row in found)},
        )

    documents = [entry_document(session, *each) for each in found]
    change = Change(
        "rename",
        {"game": rules.id, "userId": user_id, "name": new_name},
        f"Rename {counted(len(found), 'entry')} of {user_id} to {new_name}",
        planned={"entries": len(found)},
        document={"name": new_name, "entries": documents},
    )
    carry_out(session, consent, change, act, lambda: show_entries(session, documents))
