"""htmlgame player, ban, unban, bans and rename: one player on all boards"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import click

from lambdas.scores.errors import BoardTooLarge
from lambdas.scores.games import Game
from lambdas.scores.periods import iso
from lambdas.scores.players import clean_name
from lambdas.scores.rules import in_order, rank_of, visible
from lambdas.shared.values.wire import USER_ID
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.moments import moment_ms
from operations.cli.output import Json, counted, duration, short_time
from operations.cli.session import Session
from operations.errors import NotFound, WrongArgument
from operations.scores.bans import Ban, ban_of, bans_in, lift_ban, put_ban
from operations.scores.boards import Board, boards_since
from operations.scores.entry_commands import row_document
from operations.scores.operator_table import Row
from operations.scores.settle import settled

_USER_ID: Final = re.compile(USER_ID)
_LONGEST_REASON: Final = 200

Found = tuple[Board, Row]

_since = click.option(
    "--since", help="Also on boards of before the table was made, from this day on."
)


def _player_id(user_id: str) -> str:
    if not _USER_ID.fullmatch(user_id):
        raise WrongArgument("USER_ID", "1 to 64 letters, digits, hyphens or underscores")
    return user_id


def _entries_of(
    session: Session, user_id: str, since: str | None, games: Iterable[Game] | None = None
) -> list[Found]:
    since_ms = session.since_ms if since is None else moment_ms("--since", since, "UTC")
    boards = {
        board.key: board for board in boards_since(games or session.games, session.now_ms, since_ms)
    }
    rows = {row.board: row for row in session.table.rows_of(boards, user_id)}
    return [(board, rows[key]) for key, board in boards.items() if key in rows]


@command("player")
@click.argument("user_id")
@_since
def player(session: Session, user_id: str, since: str | None) -> None:
    """A player's entries on every board since the table was made, and whether they are banned."""
    found = _entries_of(session, _player_id(user_id), since)
    ban = ban_of(session.store, user_id)
    entries = [_entry_document(session, *each) for each in found]
    document = {
        "userId": user_id,
        "ban": None if ban is None else ban.document(),
        "entries": entries,
    }

    def show() -> None:
        if ban is not None:
            session.output.say(
                f"banned since {ban.at or 'some time'}: {ban.reason or 'no reason'}\n"
            )
        _show(session, entries)
        if not entries:
            session.output.say(f"no entry of {user_id}")

    session.output.document(document, show)


def _entry_document(session: Session, board: Board, row: Row) -> Json:
    return {
        "game": board.game.id,
        "period": board.period.id,
        "rank": _rank(session, board, row),
        **row_document(row),
    }


def _rank(session: Session, board: Board, row: Row) -> int | None:
    try:
        entries = visible(session.table.rows(board.key))
    except BoardTooLarge:
        return None
    return rank_of(in_order(board.game.order, entries), row.user_id)


def _show(session: Session, entries: Sequence[Json]) -> None:
    if entries:
        session.output.table(
            ["game", "period", ">rank", "~name", ">score", ">time", "when (UTC)"],
            map(_cells, entries),
        )


def _cells(entry: Json) -> list[object]:
    place = [entry["game"], entry["period"]]
    if "unreadable" in entry:
        return [*place, None, f"unreadable: {entry['unreadable']}", None, None, None]
    return [
        *place,
        "hidden" if entry["hiddenAt"] else entry["rank"],
        entry["userName"],
        entry["score"],
        duration(entry["timeMs"]),
        short_time(entry["updatedAt"]),
    ]


@command("ban")
@click.argument("user_id")
@click.option("--reason", help=f"For the list of bans; {_LONGEST_REASON} characters at most.")
@click.option(
    "--entries",
    type=click.Choice(["keep", "hide", "remove"]),
    default="keep",
    show_default=True,
    help="What becomes of the player's entries.",
)
@_since
@changes
def ban(
    session: Session,
    consent: Consent,
    user_id: str,
    reason: str | None,
    entries: str,
    since: str | None,
) -> None:
    """The edge refuses whatever the player submits from now on."""
    if reason is not None and len(reason) > _LONGEST_REASON:
        raise WrongArgument("--reason", f"{len(reason)} characters; at most {_LONGEST_REASON}")
    found = _entries_of(session, _player_id(user_id), since)
    standing = ban_of(session.store, user_id)
    touched = _touched(entries, found)

    def act() -> Json:
        if standing is None:
            put_ban(session.store, Ban(user_id, iso(session.now_ms), reason))
        return {"banned": standing is None, **_away(session, entries, touched)}

    documents = [_entry_document(session, *each) for each in found]
    done_already = standing is not None and not touched
    fate = f" and {entries} {counted(len(touched), 'entry')}" if touched else ""
    change = Change(
        "ban",
        {"userId": user_id, "entries": entries} | ({} if reason is None else {"reason": reason}),
        f"Ban {user_id}{fate}",
        planned={"bans": int(standing is None), "entries": len(touched)},
        nothing="the player is banned already" if done_already else None,
        document={"userId": user_id, "entries": documents},
    )
    carry_out(session, consent, change, act, lambda: _show(session, documents))


def _touched(fate: str, found: Sequence[Found]) -> Sequence[Found]:
    if fate == "hide":
        return [(board, row) for board, row in found if not (row.entry and row.entry.hidden_at)]
    return found if fate == "remove" else []


def _away(session: Session, fate: str, touched: Sequence[Found]) -> Json:
    if not touched:
        return {}

    def change() -> Json:
        if fate == "hide":
            return {
                "hidden": sum(session.table.hide(row, iso(session.now_ms)) for _, row in touched)
            }
        return {"removed": sum(session.table.delete(row) for _, row in touched)}

    return settled(session, [board for board, _ in touched], change)


@command("unban")
@click.argument("user_id")
@changes
def unban(session: Session, consent: Consent, user_id: str) -> None:
    """The player may submit again; hidden entries stay hidden."""
    standing = ban_of(session.store, _player_id(user_id))
    if standing is None:
        raise NotFound(f"USER_ID: {user_id} is not banned")

    def act() -> Json:
        lift_ban(session.store, user_id)
        return {"unbanned": 1}

    change = Change(
        "unban",
        {"userId": user_id},
        f"Lift the ban of {user_id}",
        planned={"bans": 1},
        document={"ban": standing.document()},
    )
    carry_out(session, consent, change, act)


@command("bans")
def bans(session: Session) -> None:
    """Everybody who is banned."""
    found = [each.document() for each in bans_in(session.store)]

    def show() -> None:
        if found:
            session.output.table(
                ["player", "since (UTC)", "~reason"],
                ([each["userId"], short_time(each["at"]), each["reason"]] for each in found),
            )
        else:
            session.output.say("nobody is banned")

    session.output.document({"bans": found}, show)


@command("rename")
@click.argument("game")
@click.argument("user_id")
@click.argument("name")
@_since
@changes
def rename(
    session: Session, consent: Consent, game: str, user_id: str, name: str, since: str | None
) -> None:
    """Give a player another name on all boards of a game.

    Holds until the player does better, under the name they then give.
    """
    rules = session.game(game)
    new_name = clean_name(name, field="NAME")
    found = _entries_of(session, _player_id(user_id), since, [rules])
    if not found:
        raise NotFound(f"USER_ID: {user_id} has no entry in {rules.id}")

    def act() -> Json:
        return settled(
            session,
            [board for board, _ in found],
            lambda: {"renamed": sum(session.table.rename(row, new_name) for _, row in found)},
        )

    documents = [_entry_document(session, *each) for each in found]
    change = Change(
        "rename",
        {"game": rules.id, "userId": user_id, "name": new_name},
        f"Rename {counted(len(found), 'entry')} of {user_id} to {new_name}",
        planned={"entries": len(found)},
        document={"name": new_name, "entries": documents},
    )
    carry_out(session, consent, change, act, lambda: _show(session, documents))
