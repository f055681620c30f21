"""htmlgame insights: what was asked of the site, how it was answered, and what failed"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any, Final

import click

from config.capabilities import insights as insights_manifest
from lambdas.insights.aggregates import Aggregate, merged
from lambdas.insights.periods import measured, same_parts
from lambdas.insights.questions import MOST_DAYS, MOST_MINUTES, day_in, wanted_in, window_in
from lambdas.insights.registry import OWN
from lambdas.insights.requests import MOST_ROWS, Place, Window
from lambdas.insights.summaries import by_function, refusals, summary
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.clock import day_after, day_of, from_iso, iso
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json, short_time
from operations.cli.session import Session
from operations.errors import WrongArgument
from operations.insights.recount import DAYS, Counted, Differs, from_aggregates, from_rows
from operations.insights.restore import put_back, tables
from operations.insights.store import Store

_EVERY_SECONDS: Final = 2
_TODAY: Final = ""


@click.group("insights")
def insights() -> None:
    """Usage, latency, refusals and failures of every function, and the requests themselves."""


_days = click.option(
    "--days",
    default=1,
    show_default=True,
    type=click.IntRange(1, MOST_DAYS),
    help="How many days, of which today is the last.",
)


@command("usage")
@_days
@click.option("--fn", default="", help="Only this function, such as python-put-score.")
@click.option(
    "--compare", is_flag=True, help="Compare with the same part of the days before, in UTC."
)
def usage(session: Session, days: int, fn: str, *, compare: bool) -> None:
    """Show requests, failures, latency and cache hits by function."""
    today = day_of(session.now_ms)
    found = measured(
        session.own(Store).table, day_after(today, 1 - days), today, today=today, fn=fn
    )
    totals = sorted(by_function(found).items(), key=lambda item: -item[1].times)
    document: Json = {
        "functions": {
            name: {**summary(total), "refusals": refusals(total)} for name, total in totals
        }
    }
    against = _comparison(session, day_after(today, 1 - days), today, fn) if compare else None
    if against is not None:
        document["comparison"] = against
    session.output.document(document, lambda: _show_usage(session, totals, against))


def _comparison(session: Session, first: str, last: str, fn: str) -> Json | None:
    parts = same_parts(first, last, session.now_ms)
    if parts is None:
        return None
    table = session.own(Store).table
    now, before = (summary(merged(each for _, each in part.read(table, fn))) for part in parts)
    part = parts[1]
    return {"from": part.first, "to": part.last, "hours": part.hours, "now": now, "before": before}


def _show_usage(
    session: Session, totals: list[tuple[str, Aggregate]], against: Json | None
) -> None:
    if not totals:
        session.output.say("no requests: CloudFront delivers its log within minutes, or an hour")
        return
    if against is not None:
        _show_comparison(session, against)
    columns = ["function", ">requests", ">failed", ">from cache", ">p50 ms", ">p95 ms", "~refusals"]
    session.output.table(columns, [_usage_row(fn, total) for fn, total in totals])


def _show_comparison(session: Session, against: Json) -> None:
    until = "" if against["hours"] == 24 else f" until {against['hours']:02d}:00"
    now, before = against["now"], against["before"]
    session.output.say(
        f"the same part before, {against['from']} to {against['to']}{until}: "
        f"{before['times']:,} requests, {before['failed']:,} failed, "
        f"p95 {_ms(before['duration']['p95Ms'])} ms; now {now['times']:,}, {now['failed']:,}, "
        f"{_ms(now['duration']['p95Ms'])} ms"
    )


def _usage_row(fn: str, total: Aggregate) -> list[object]:
    commonest = ", ".join(f"{each['code']} {each['times']}" for each in refusals(total)[:3])
    return [
        fn,
        f"{total.times:,}",
        f"{total.failed:,}",
        f"{total.hits / total.times:.0%}",
        _ms(total.durations.at(0.5)),
        _ms(total.durations.at(0.95)),
        commonest,
    ]


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


@command("errors")
@click.argument("fn")
@_days
def errors(session: Session, fn: str, days: int) -> None:
    """Show a function's refusals by code, and its failures with the newest of each kind."""
    today = day_of(session.now_ms)
    first = day_after(today, 1 - days)
    found = measured(session.own(Store).table, first, today, today=today, fn=fn)
    refused = refusals(by_function(found).get(fn, Aggregate()))
    since = from_iso(f"{first}T00:00:00+00:00")
    groups = [
        each.to_json()
        for each in sorted(session.own(Store).failures.groups(fn), key=lambda one: -one.last_ms)
        if each.last_ms >= since
    ]
    session.output.document(
        {"refusals": refused, "failures": groups}, lambda: _show_errors(session, refused, groups)
    )


def _show_errors(session: Session, refused: list[Json], groups: list[Json]) -> None:
    if not refused and not groups:
        session.output.say("no refusal and no failure")
    if refused:
        rows = [
            [each["code"], each["times"], each["status"], _time(each["lastMs"]), each["sample"]]
            for each in refused
        ]
        session.output.table(["code", ">times", ">status", "last", "request"], rows)
    for each in groups:
        sample = each["sample"]
        session.output.say(
            f"\n{each['code']}: {sample['message']}\n"
            f"{each['times']} times, last {_time(each['lastMs'])}, request {sample['edgeId']}"
        )
        session.output.verbatim(f"{sample['stack']}\n")


def _time(ms: int) -> str:
    return short_time(iso(ms)) or ""


@command("requests")
@click.option("--day", default=_TODAY, help="Such as 2026-11-21; today where it is left out.")
@click.option("--hour", default="", help="Only this hour of the day, in UTC.")
@click.option("--minutes", default="", help=f"The last minutes, at most {MOST_MINUTES}.")
@click.option("--fn", default="", help="Only this function.")
@click.option("--status", default="", help="Such as 422, 4xx or failed.")
@click.option("--error", default="", help="Only this code, such as below_threshold.")
@click.option("--id", "request_id", default="", help="The x-amz-cf-id of one request.")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, MOST_ROWS), help="How many."
)
@click.option("--follow", is_flag=True, help="Go on with new requests until Ctrl-C.")
def requests(
    session: Session,
    day: str,
    hour: str,
    minutes: str,
    fn: str,
    status: str,
    error: str,
    request_id: str,
    limit: int,
    *,
    follow: bool,
) -> None:
    """List requests, the newest first; with --follow, new ones as they arrive."""
    query = {"fn": fn, "status": status, "error": error, "id": request_id}
    given = {name: value for name, value in query.items() if value}
    try:
        wanted_in(given)
    except Malformed as wrong:
        raise WrongArgument("--fn, --status, --error or --id", str(wrong)) from None
    window = _window(session, day=day, hour=hour, minutes=minutes)
    rows = _rows(session, window, given, limit)

    def newer() -> list[Json]:
        """Of the last hour: files of other hours are late, and are shown without --follow."""
        now_ms = time.time_ns() // 1_000_000
        return _rows(session, window_in({"minutes": "60"}, now_ms), given, MOST_ROWS)

    documents = followed(rows, newer) if follow else iter(rows)
    session.output.lines(documents, lambda each: _show_requests(session, each, follow=follow))


def _window(session: Session, **given: str) -> Window:
    query = {name: text for name, text in given.items() if text}
    try:
        return window_in(query, session.now_ms)
    except Malformed as wrong:
        option, _, problem = str(wrong).partition(": ")
        raise WrongArgument(f"--{option}", problem) from None


def _rows(session: Session, window: Window, given: dict[str, str], limit: int) -> list[Json]:
    found: list[Json] = []
    place: Place | None = None
    while len(found) < limit:
        page = session.own(Store).rows.page(
            window, wanted_in(given), after=place, limit=limit - len(found)
        )
        found += page.rows
        if page.cursor is None:
            break
        place = Place.of(page.cursor)
    return found


def followed(
    first: list[Json],
    newer: Callable[[], list[Json]],
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Json]:
    """CloudFront's files arrive out of order, so a row is known by its id."""
    seen: set[str] = set()
    rows = first
    while True:
        for row in sorted(rows, key=lambda each: each["ms"]):
            if row["id"] not in seen:
                seen.add(row["id"])
                yield row
        wait(_EVERY_SECONDS)
        rows = newer()


def _show_requests(session: Session, rows: Iterable[Json], *, follow: bool) -> None:
    if follow:
        for row in rows:
            session.output.verbatim("  ".join(map(str, _request_row(row))) + "\n")
        return
    listed = [_request_row(row) for row in rows]
    if not listed:
        session.output.say("no such request")
        return
    columns = ["at", "function", "~route", ">status", ">ms", "result", "error"]
    session.output.table(columns, listed)


def _request_row(row: Json) -> list[Any]:
    return [
        iso(row["ms"])[11:23],
        row["fn"],
        row["route"],
        row["status"],
        _ms(row["duration"]),
        row["result"],
        row.get("error", ""),
    ]


@command("functions")
@click.argument("words", nargs=-1)
def functions(session: Session, words: tuple[str, ...]) -> None:
    """List the deployed functions, or those that have all these words."""
    text = " ".join(words)
    found = [each for each in session.own(Store).table.functions(OWN) if each.matches(text)]

    def show() -> None:
        rows = [[each.language_title, each.version, each.description] for each in found]
        session.output.table(["function", "version", "~what it does"], rows)

    session.output.document({"functions": [each.to_json() for each in found]}, show)


@command("recount")
@click.option("--day", default=_TODAY, help="Of the last seven; yesterday where it is left out.")
def recount(session: Session, day: str) -> None:
    """Count a day's rows again with Athena, and compare them with the aggregates."""
    today = day_of(session.now_ms)
    chosen = _day(day, day_after(today, -1))
    if not day_after(today, 1 - DAYS) <= chosen <= today:
        raise WrongArgument("--day", f"{chosen} is not among the last {DAYS} days")
    counted, recounted = from_aggregates(session.own(Store), chosen), from_rows(session, chosen)
    names = sorted({*counted, *recounted})
    differ = [fn for fn in names if counted.get(fn) != recounted.get(fn)]
    rows = [[fn, *_counts(counted.get(fn)), *_counts(recounted.get(fn))] for fn in names]
    columns = ["function", ">counted", ">failed", ">cached", ">recounted", ">failed", ">cached"]
    document = {
        "day": chosen,
        "functions": {
            fn: {"counted": asdict(counted.get(fn, Counted())), "equal": fn not in differ}
            for fn in names
        },
    }
    session.output.document(document, lambda: session.output.table(columns, rows))
    if differ:
        raise Differs(chosen, differ)


@command("restore")
@click.argument("restored")
@click.option("--into", required=True, help="InsightsTable, KeyTable or FunctionTable.")
@click.option("--only", default="", help="Only items whose PK begins so, such as D# or FN#.")
@changes
def restore(session: Session, consent: Consent, restored: str, into: str, only: str) -> None:
    """Put what a restored table has, and the table in use lacks, into the latter.

    Items of the table in use stay as they are. Keys that were revoked after the moment of the
    restore come back with KeyTable; revoke them again.
    """
    known = tables(session.target.environment)
    if into not in known:
        raise WrongArgument("--into", f"{into!r} is not one of {', '.join(known)}")
    target = session.parameter(known[into].parameter, insights_manifest.CAPABILITY.stack)
    if restored == target:
        raise WrongArgument("RESTORED", f"{restored} is the table in use; name the restored one")
    client = session.target.shared("dynamodb")
    try:
        found = put_back(client, restored, target, only=only, dry=True)
    except client.exceptions.ResourceNotFoundException:
        raise WrongArgument("RESTORED", f"there is no table {restored!r}") from None

    def act() -> Json:
        return {"items": put_back(client, restored, target, only=only).items}

    change = Change(
        "insights restore",
        {"restored": restored, "into": into, "only": only},
        f"Put {found.items:,} items of {restored} into {into}",
        planned={"items": found.items},
        nothing=None if found.items else f"{into} has all {found.kept:,} items of {restored}",
        document={"restored": restored, "into": into, "kept": found.kept},
    )
    carry_out(session, consent, change, act)


def _day(text: str, usual: str) -> str:
    try:
        return day_in({"day": text} if text else {}, "day", usual)
    except Malformed as wrong:
        raise WrongArgument("--day", str(wrong)) from None


def _counts(counted: Counted | None) -> list[object]:
    return ["–"] * 3 if counted is None else [counted.requests, counted.failed, counted.cached]


for each in (usage, errors, requests, functions, recount, restore):
    insights.add_command(each)
