"""htmlgame players: accounts, their points, and what an operator does for a person who asks"""

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import click

from config.capabilities import players as players_manifest
from lambdas.players.answers import event_json
from lambdas.players.export import Position, part
from lambdas.players.points import Award, LedgerError, recount
from lambdas.players.table import Account
from lambdas.players.users import User
from lambdas.shared.http.errors import Refusal
from lambdas.shared.values.clock import day_of, iso
from lambdas.shared.values.uuids import uuid7
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.invoke import invoke
from operations.cli.output import Json, short_time
from operations.cli.session import Session
from operations.edge.store import Store
from operations.errors import OperatorError, WrongArgument
from operations.players.accounts import PlayerAccounts
from operations.scores.bans import Ban, lift_ban, put_ban

_LONGEST_REASON: Final = 100
_ADJUSTED: Final = "operator"
T = TypeVar("T")


class RefusedByRules(OperatorError):
    code = "refused"


@click.group("players")
def players() -> None:
    """Find, show, adjust, merge, ban, erase and export accounts of players."""


@command("find")
@click.argument("text")
def find(session: Session, text: str) -> None:
    """Find accounts by a part of their name, or by an identity such as x:12345.

    An identity is one read. A name reads the whole table, because no index has the
    names.
    """
    own = session.own(PlayerAccounts)
    owner = own.by_identity(text)
    if owner is not None:
        found = [own.document(own.one(owner))]
    else:
        wanted = text.casefold()
        found = [
            _brief(user)
            for user in own.table.users()
            if wanted in (user.display_name or "").casefold() or wanted in map(str, user.player_ids)
        ]

    def show() -> None:
        if not found:
            session.output.say(f"no account has the name or identity {text!r}")
            return
        session.output.table(
            ["user", "~name", "~identities", "created (UTC)"],
            (
                [
                    each["userId"],
                    each["displayName"],
                    ", ".join(f"{one['provider']}:{one['subject']}" for one in each["identities"]),
                    short_time(each["createdAt"]),
                ]
                for each in found
            ),
        )

    session.output.document({"text": text, "accounts": found}, show)


def _brief(user: User) -> Json:
    return {
        "userId": user.id,
        "displayName": user.display_name,
        "identities": [
            {"provider": each.provider, "subject": each.subject} for each in user.identities
        ],
        "mergedInto": user.merged_into,
        "createdAt": user.created_at,
    }


@command("show")
@click.argument("user_id")
def show(session: Session, user_id: str) -> None:
    """Show an account: identities, points, rows on the boards, ban."""
    own = session.own(PlayerAccounts)
    document = own.document(own.one(user_id))
    session.output.document(document, lambda: _show(session, document))


def _show(session: Session, document: Json) -> None:
    stats = document["stats"]
    rows = {
        "user": document["userId"],
        "name": document["displayName"],
        "points": stats["totalPoints"],
        "intimacy level": stats["intimacyLevel"],
        "ledger": f"{document['version']} events",
        "identities": ", ".join(
            f"{each['provider']}:{each['subject']}" for each in document["identities"]
        ),
        "wallet": document["walletAddress"],
        "rows on boards": ", ".join(document["playerIds"]),
        "merged from": ", ".join(document["mergedFrom"]) or None,
        "banned": document["banned"],
        "created (UTC)": short_time(document["createdAt"]),
    }
    session.output.table(["", "~value"], rows.items())


@command("ledger")
@click.argument("user_id")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
def ledger(session: Session, user_id: str, limit: int) -> None:
    """List an account's point events, the newest first, and recount them."""
    own = session.own(PlayerAccounts)
    account = own.one(user_id)
    events = list(own.table.ledger(account.user.id))
    try:
        counted_up = recount(events)
        problem = (
            None
            if counted_up == account.stats.total_points
            else f"the ledger says {counted_up}, and the account {account.stats.total_points}"
        )
    except LedgerError as error:
        problem = str(error)
    listed = [event_json(each) for each in reversed(events[-limit:])]
    document = {"userId": account.user.id, "events": listed, "problem": problem}

    def printed() -> None:
        session.output.table(
            [">version", ">points", ">balance", "~reason", "when (UTC)"],
            (
                [
                    each["version"],
                    each["delta"],
                    each["balance"],
                    each["reason"],
                    short_time(each["createdAt"]),
                ]
                for each in listed
            ),
        )
        session.output.say(problem or f"{len(events):,} events add up to {counted_up:,}")

    session.output.document(document, printed)
    if problem is not None:
        raise RefusedByRules(f"{account.user.id}: {problem}")


@command("adjust")
@click.argument("user_id")
@click.argument("points", type=int)
@click.option("--reason", required=True, help=f"At most {_LONGEST_REASON} characters.")
@click.option("--reference", help="Of a ticket or a prize: it is given once. Default: a new one.")
@changes
def adjust(
    session: Session,
    consent: Consent,
    user_id: str,
    points: int,
    reason: str,
    reference: str | None,
) -> None:
    """Give points to an account, or take them (after --: players adjust -- ID -5).

    The same reference twice changes nothing, and a balance never becomes negative.
    """
    if len(reason) > _LONGEST_REASON:
        raise WrongArgument("--reason", f"{len(reason)} characters; at most {_LONGEST_REASON}")
    if points == 0:
        raise WrongArgument("POINTS", "0 changes nothing")
    own = session.own(PlayerAccounts)
    account = own.one(user_id)
    award = Award(
        reference=f"operator#{reference or uuid7(session.now_ms)}",
        delta=points,
        reason=f"{_ADJUSTED}: {reason}",
    )

    def act() -> Json:
        given = _by_rules(lambda: own.ledger.give(account.user.id, award, session.now_ms))
        return {"balance": given.balance, "again": given.again}

    change = Change(
        "players adjust",
        {"userId": account.user.id, "points": points, "reason": reason},
        f"{'Give' if points > 0 else 'Take'} {abs(points):,} points "
        f"{'to' if points > 0 else 'from'} {account.user.id}, who has "
        f"{account.stats.total_points:,}",
        planned={"points": points},
        document={"userId": account.user.id, "reference": award.reference},
    )
    carry_out(session, consent, change, act)


@command("merge")
@click.argument("user_id")
@click.argument("other_id")
@changes
def merge(session: Session, consent: Consent, user_id: str, other_id: str) -> None:
    """Merge two accounts of one person. The older one stays; this cannot be undone."""
    own = session.own(PlayerAccounts)
    one, other = own.one(user_id), own.one(other_id)
    if one.user.id == other.user.id:
        raise WrongArgument("OTHER_ID", "both are the same account, or merged already")

    def act() -> Json:
        after = _by_rules(
            lambda: own.accounts.merge_users(one.user.id, other.user.id, session.now_ms)
        )
        return {"stays": after.user.id, "points": after.stats.total_points}

    change = Change(
        "players merge",
        {"userId": one.user.id, "otherId": other.user.id},
        f"Merge {one.user.id} ({one.stats.total_points:,} points) and {other.user.id} "
        f"({other.stats.total_points:,} points)",
        planned={"accounts": 2},
        document={"accounts": [own.document(one), own.document(other)]},
    )
    carry_out(session, consent, change, act)


@command("ban")
@click.argument("user_id")
@click.option("--reason", help=f"Shown by htmlgame bans; {_LONGEST_REASON} characters at most.")
@changes
def ban(session: Session, consent: Consent, user_id: str, reason: str | None) -> None:
    """Ban an account everywhere: sign-in, chat, points, and its rows on the boards.

    Its entries stay; htmlgame ban --entries hides or removes those of one row.
    """
    own = session.own(PlayerAccounts)
    account = own.one(user_id)

    def act() -> Json:
        own.table.ban(account.user.id, banned=True)
        store = session.own(Store)
        for player_id in account.user.player_ids:
            put_ban(store, Ban(player_id, iso(session.now_ms), reason))
        return {"banned": True, "rows": len(account.user.player_ids)}

    change = Change(
        "players ban",
        {"userId": account.user.id} | ({} if reason is None else {"reason": reason}),
        f"Ban {_named(account)} everywhere",
        planned={"accounts": 1, "rows": len(account.user.player_ids)},
        nothing="the account is banned already" if account.stats.banned else None,
        document={"userId": account.user.id},
    )
    carry_out(session, consent, change, act)


@command("unban")
@click.argument("user_id")
@changes
def unban(session: Session, consent: Consent, user_id: str) -> None:
    """Lift the ban of an account, also on the boards. Its person signs in again."""
    own = session.own(PlayerAccounts)
    account = own.one(user_id)

    def act() -> Json:
        own.table.ban(account.user.id, banned=False)
        store = session.own(Store)
        for player_id in account.user.player_ids:
            lift_ban(store, player_id)
        return {"unbanned": True}

    change = Change(
        "players unban",
        {"userId": account.user.id},
        f"Lift the ban of {_named(account)}",
        planned={"accounts": 1},
        nothing=None if account.stats.banned else "the account is not banned",
        document={"userId": account.user.id},
    )
    carry_out(session, consent, change, act)


@command("erase")
@click.argument("user_id")
@changes
def erase(session: Session, consent: Consent, user_id: str) -> None:
    """Erase an account and all that is held of its person.

    Starts the same job as the person's own request, and cannot be undone.
    """
    own = session.own(PlayerAccounts)
    account = own.one(user_id)

    def act() -> Json:
        payload = {"userId": account.user.id}
        answer = invoke(session, players_manifest.ERASE.name, payload, doing="erasing")
        return {"jobId": answer["jobId"], "status": answer["status"], **answer["removed"]}

    change = Change(
        "players erase",
        {"userId": account.user.id},
        f"Erase {_named(account)} for good",
        planned={"accounts": 1},
        document={"userId": account.user.id},
    )
    carry_out(session, consent, change, act)


@command("export")
@click.argument("user_id")
def export(session: Session, user_id: str) -> None:
    """Print a person's data in all capabilities, one JSON document a line."""
    own = session.own(PlayerAccounts)
    user = own.one(user_id).user

    def items() -> Iterator[Json]:
        position: Position | None = Position()
        while position is not None:
            found = part(own.table, user, position)
            yield from found.items
            position = found.next
        yield from _elsewhere(session, user.id)

    def printed(documents: Iterator[Json]) -> None:
        session.output.table(
            ["kind", "~id"], ([each.get("kind"), each.get("id")] for each in documents)
        )

    session.output.lines(items(), lambda documents: printed(iter(documents)))


def _elsewhere(session: Session, user_id: str) -> Iterator[Json]:
    """The function that erases persons knows what the other capabilities hold."""
    following: list[str] | None = ["", ""]
    while following is not None:
        capability, after = following
        asked = {
            "user_id": user_id,
            "capability": capability,
            "after": after,
            "at_ms": session.now_ms,
        }
        page = invoke(session, players_manifest.ERASE.name, {"export": asked}, doing="reading")
        yield from page["items"]
        following = page["next"]


@command("budget")
def budget(session: Session) -> None:
    """Show how many model calls of today's budget are taken."""
    own = session.own(PlayerAccounts)
    day = day_of(session.now_ms)
    taken, most = own.table.taken_calls(day), own.settings.character.calls_a_day
    document = {"day": day, "taken": taken, "callsADay": most}
    session.output.document(
        document, lambda: session.output.say(f"{day}: {taken:,} of {most:,} model calls taken")
    )


def _named(account: Account) -> str:
    name = account.user.display_name
    return f"{account.user.id} ({name})" if name else account.user.id


def _by_rules(act: Callable[[], T]) -> T:
    try:
        return act()
    except Refusal as refusal:
        raise RefusedByRules(str(refusal)) from None


for _each in (find, show, ledger, adjust, merge, ban, unban, erase, export, budget):
    players.add_command(_each)
