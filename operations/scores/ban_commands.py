"""htmlgame ban, unban and bans"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import click

from lambdas.scores.rules import Entry
from lambdas.shared.values.clock import from_iso, iso
from operations.cli.audit_table import audit
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json, counted, short_time
from operations.cli.session import Session
from operations.edge.store import Store
from operations.errors import NotFound, WrongArgument
from operations.scores.bans import Ban, ban_of, bans_in, lift_ban, put_ban
from operations.scores.boards import Board
from operations.scores.entries import (
    Found,
    boards_of_session,
    entries_of,
    entry_document,
    player_id,
    reserved_of,
    row_document,
    show_entries,
    since_option,
)
from operations.scores.operator_table import Row
from operations.scores.removed_rows import KEPT_DAYS, Removed, RemovedRows
from operations.scores.scores import Scores
from operations.scores.settle import settled

_LONGEST_REASON: Final = 200
_DAY_MS: Final = 86_400_000


@command("ban")
@click.argument("user_id")
@click.option("--reason", help=f"Shown by bans; {_LONGEST_REASON} characters at most.")
@click.option(
    "--entries",
    type=click.Choice(["keep", "hide", "remove"]),
    default="keep",
    show_default=True,
    help="Keep, hide or remove the player's entries.",
)
@since_option
@changes
def ban(
    session: Session,
    consent: Consent,
    user_id: str,
    reason: str | None,
    entries: str,
    since: str | None,
) -> None:
    """Make the edge refuse everything that a player submits from now on.

    A player without any entry may be a mistyped id, so at a terminal the command
    asks about one even with --yes. Undo a ban with unban --restore.
    """
    if reason is not None and len(reason) > _LONGEST_REASON:
        raise WrongArgument("--reason", f"{len(reason)} characters; at most {_LONGEST_REASON}")
    found = entries_of(session, player_id(user_id), since)
    standing = ban_of(session.own(Store), user_id)
    reserved = [] if entries == "keep" else reserved_of(session, user_id, since)
    touched = _touched(entries, [*found, *reserved])

    def act() -> Json:
        if standing is None:
            put_ban(session.own(Store), Ban(user_id, iso(session.now_ms), reason))
        return {"banned": standing is None, **_hide_or_remove(session, entries, touched)}

    documents = [entry_document(session, *each) for each in found]
    unchanged = standing is not None and not touched
    unknown = standing is None and not found
    fate = f" and {entries} {counted(len(touched), 'entry')}" if touched else ""
    change = Change(
        "ban",
        {"userId": user_id, "entries": entries} | ({} if reason is None else {"reason": reason}),
        f"Ban {user_id}{', who has no entry on any board' if unknown else fate}",
        planned={"bans": int(standing is None), "entries": len(touched)},
        nothing="the player is banned already" if unchanged else None,
        document={"userId": user_id, "entries": documents},
        unusual=unknown,
    )
    carry_out(session, consent, change, act, lambda: show_entries(session, documents))


def _touched(fate: str, found: Sequence[Found]) -> Sequence[Found]:
    if fate == "hide":
        return [(board, row) for board, row in found if not (row.entry and row.entry.hidden_at)]
    return found if fate == "remove" else []


def _hide_or_remove(session: Session, fate: str, touched: Sequence[Found]) -> Json:
    if not touched:
        return {}
    table = session.own(Scores).table

    def change() -> Json:
        if fate == "hide":
            return {"hidden": sum(table.hide(row, iso(session.now_ms)) for _, row in touched)}
        _removed_rows(session).keep((row for _, row in touched), session.now_ms)
        return {"removed": sum(table.delete(row) for _, row in touched)}

    return settled(session, [board for board, _ in touched], change)


def _removed_rows(session: Session) -> RemovedRows:
    return RemovedRows(session.target.shared("dynamodb"), session.own(Scores).table_name)


@command("unban")
@click.argument("user_id")
@click.option("--restore", is_flag=True, help="Also bring back the entries that bans took away.")
@since_option
@changes
def unban(
    session: Session, consent: Consent, user_id: str, since: str | None, *, restore: bool
) -> None:
    """Lift a ban, so that the player may submit again.

    Entries stay as they are. With --restore, the entries that a ban has hidden are
    shown again. Those that a ban removed in the last 30 days are written back,
    unless the player has a better one.
    """
    standing = ban_of(session.own(Store), player_id(user_id))
    lost = _lost(session, user_id, standing, since) if restore else _Lost([], [])
    if standing is None and not lost.count:
        nothing_lost = " and has no entry to restore" if restore else ""
        raise NotFound(f"USER_ID: {user_id} is not banned{nothing_lost}")

    def act() -> Json:
        if standing is not None:
            lift_ban(session.own(Store), user_id)
        restored = _restore(session, lost) if restore else {}
        return {"unbanned": int(standing is not None), **restored}

    documents = lost.documents()
    lifted = f"Lift the ban of {user_id}" if standing else f"Undo the ban of {user_id}"
    change = Change(
        "unban",
        {"userId": user_id} | ({"restore": True} if restore else {}),
        lifted + (f" and restore {counted(lost.count, 'entry')}" if restore else ""),
        planned={"bans": int(standing is not None)} | ({"entries": lost.count} if restore else {}),
        document={"ban": standing.document() if standing else None}
        | ({"entries": documents} if restore else {}),
    )
    carry_out(session, consent, change, act, lambda: show_entries(session, documents))


@dataclass(frozen=True, slots=True)
class _Lost:
    """The entries that bans took away."""

    hidden: list[Found]
    removed: list[tuple[Board, Removed]]

    @property
    def count(self) -> int:
        return len(self.hidden) + len(self.removed)

    @property
    def boards(self) -> list[Board]:
        found = [*(board for board, _ in self.hidden), *(board for board, _ in self.removed)]
        return list({board.key: board for board in found}.values())

    def documents(self) -> list[Json]:
        rows = [*self.hidden, *((board, each.row) for board, each in self.removed)]
        return [
            {"game": board.game.id, "period": board.period.id, "rank": None, **row_document(row)}
            for board, row in rows
        ]


def _lost(session: Session, user_id: str, standing: Ban | None, since: str | None) -> _Lost:
    moments = {*_moments(session, user_id, standing)}
    boards = boards_of_session(session, since)
    hidden = [
        (board, row)
        for board, row in (
            *entries_of(session, user_id, since),
            *reserved_of(session, user_id, since),
        )
        if row.entry is not None and row.entry.hidden_at in moments
    ]
    removed = [
        (boards[each.row.board], each)
        for each in _removed_rows(session).of(user_id)
        if each.row.board in boards and each.row.entry is not None
    ]
    return _Lost(hidden, removed)


def _moments(session: Session, user_id: str, standing: Ban | None) -> Iterator[str]:
    """When bans of the player hid entries: each such entry carries the time of its ban."""
    began_ms = session.now_ms - KEPT_DAYS * _DAY_MS
    if standing is not None and standing.at is not None:
        yield standing.at
        began_ms = min(began_ms, from_iso(standing.at))
    for record in audit(session).since(iso(began_ms), iso(session.now_ms)):
        if record.command == "ban" and record.arguments.get("userId") == user_id:
            yield record.at


def _restore(session: Session, lost: _Lost) -> Json:
    if not lost.count:
        return {"shown": 0, "restored": 0}
    table, kept = session.own(Scores).table, _removed_rows(session)

    def change() -> Json:
        shown = sum(table.unhide(row) for _, row in lost.hidden)
        restored = 0
        for board, removed in lost.removed:
            entry = _entry(removed.row)
            restored += table.bring(board.key, board.game.order, entry, removed.row.meta)
            kept.forget(removed)
        return {"shown": shown, "restored": restored}

    return settled(session, lost.boards, change)


def _entry(row: Row) -> Entry:
    if row.entry is None:
        raise AssertionError("only readable rows are restored")
    return row.entry


@command("bans")
def bans(session: Session) -> None:
    """List everybody who is banned."""
    found = [each.document() for each in bans_in(session.own(Store))]

    def show() -> None:
        if found:
            session.output.table(
                ["player", "since (UTC)", "~reason"],
                ([each["userId"], short_time(each["at"]), each["reason"]] for each in found),
            )
        else:
            session.output.say("nobody is banned")

    session.output.document({"bans": found}, show)
