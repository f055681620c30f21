"""{API}/insights: usage, requests, errors and functions; and the API users who may ask."""

from collections.abc import Callable
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.insights.aggregates import Aggregate, merged
from lambdas.insights.catalogue import owner_of
from lambdas.insights.errors import UnknownFunction
from lambdas.insights.failure_table import FailureTable
from lambdas.insights.periods import measured, same_parts
from lambdas.insights.questions import FN, flag_in, fn_in, range_in, wanted_in, window_in
from lambdas.insights.registry import OWN
from lambdas.insights.requests import MOST_ROWS, Place, RowFiles
from lambdas.insights.routes import ROUTES
from lambdas.insights.settings import InsightsSettings
from lambdas.insights.summaries import by_function, over_time, refusals, summary
from lambdas.insights.table import InsightsTable
from lambdas.shared.api_users.access import Principal
from lambdas.shared.api_users.admission import Admission
from lambdas.shared.api_users.api_keys import new_key
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.minute_table import MinuteTable
from lambdas.shared.api_users.users import Key, changed_user, key_lifetime, new_user
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.requests import Request, limit_in
from lambdas.shared.keys.published import lock_reader
from lambdas.shared.values.clock import day_of, from_iso, iso

_FEWER: Final = 50

settings = InsightsSettings.from_environment()
logger = Logger(service="insights")
client = boto3.client("dynamodb", config=CONFIG)
table = InsightsTable(client, settings.insights_table)
failures = FailureTable(client, settings.insights_table)
keys = KeyTable(client, settings.key_table)
minutes = MinuteTable(client, settings.minute_table)
admission = Admission(keys, minutes)
files = RowFiles(boto3.client("s3", config=CONFIG), settings.insights_bucket, settings.rows_prefix)


def _functions(request: Request) -> Answer:
    admission.of(request).must("read functions")
    words = request.query.get("q", "")
    found = [each.to_json() for each in table.functions(OWN) if each.matches(words)]
    return Answer({"functions": found})


def _function(request: Request) -> Answer:
    fn = _fn(request)
    admission.of(request).must("read usage", owner=owner_of(fn))
    first, last = range_in(request.query, day_of(request.now_ms))
    found = list(measured(table, first, last, today=day_of(request.now_ms), fn=fn))
    known = table.function(OWN, fn)
    if known is None and not found:
        raise UnknownFunction(fn)
    total = by_function(found).get(fn, Aggregate())
    return Answer(
        {
            "from": first,
            "to": last,
            **_comparison(request, first, last, fn, lambda _: True),
            "function": None if known is None else known.to_json(),
            "usage": summary(total),
            "refusals": refusals(total),
            "series": over_time(found),
        }
    )


def _errors(request: Request) -> Answer:
    """Refusals by code, and groups of failures with their newest sample."""
    fn = _fn(request)
    admission.of(request).must("read requests", owner=owner_of(fn))
    first, last = range_in(request.query, day_of(request.now_ms))
    found = measured(table, first, last, today=day_of(request.now_ms), fn=fn)
    total = by_function(found).get(fn, Aggregate())
    since = from_iso(f"{first}T00:00:00+00:00")
    groups = sorted(
        (each for each in failures.groups(fn) if each.last_ms >= since),
        key=lambda each: -each.last_ms,
    )
    return Answer(
        {
            "from": first,
            "to": last,
            "refusals": refusals(total),
            "failures": [each.to_json() for each in groups],
        }
    )


def _usage(request: Request) -> Answer:
    reads = _reach(request, "read usage")
    today = day_of(request.now_ms)
    first, last = range_in(request.query, today)
    asked = measured(table, first, last, today=today, fn=fn_in(request.query))
    found = [each for each in asked if reads(each[0])]
    totals = by_function(found)
    everything = merged(totals.values())
    functions = sorted(totals.items(), key=lambda item: (-item[1].times, item[0]))
    return Answer(
        {
            "from": first,
            "to": last,
            **_comparison(request, first, last, fn_in(request.query), reads),
            "total": summary(everything),
            "refusals": refusals(everything),
            "functions": [
                {"fn": fn, **summary(total), "refusals": refusals(total)} for fn, total in functions
            ],
            "series": over_time(found),
        }
    )


def _comparison(
    request: Request, first: str, last: str, fn: str, reads: Callable[[str], bool]
) -> dict[str, Any]:
    """Only where the request asks for it: it reads as much again."""
    if not flag_in(request.query, "compare"):
        return {}
    parts = same_parts(first, last, request.now_ms)
    if parts is None:
        return {"comparison": None}
    now, before = (
        merged(total for name, total in part.read(table, fn) if reads(name)) for part in parts
    )
    shown = {"from": parts[1].first, "to": parts[1].last, "hours": parts[1].hours}
    return {"comparison": {**shown, "now": summary(now), "before": summary(before)}}


def _requests(request: Request) -> Answer:
    reads = _reach(request, "read requests")
    query = request.query
    window, wanted = window_in(query, request.now_ms), wanted_in(query)
    page = files.page(
        window,
        lambda row: reads(row["fn"]) and wanted(row),
        after=Place.of(query.get("cursor")),
        limit=limit_in(query, most=MOST_ROWS, usual=_FEWER),
    )
    return Answer(
        {
            "sinceMs": window.since_ms,
            "untilMs": window.until_ms,
            "items": page.rows,
            "cursor": page.cursor,
        }
    )


def _users(request: Request) -> Answer:
    principal = admission.of(request)
    if not principal.may("read users"):
        return Answer({"users": [keys.user(principal.user_id).to_json()]})
    return Answer({"users": [each.to_json() for each in keys.users()]})


def _create_user(request: Request) -> Answer:
    admission.of(request).must("change users")
    return Answer(keys.create(new_user(request.body, now=iso(request.now_ms))).to_json())


def _user(request: Request) -> Answer:
    user_id = _about(request, "read users")
    return Answer(keys.user(user_id).to_json())


def _change_user(request: Request) -> Answer:
    user = keys.user(_about(request, "change users"))
    changed = changed_user(user, request.body, now=iso(request.now_ms))
    return Answer(keys.change(user, changed).to_json())


def _remove_user(request: Request) -> Answer:
    keys.remove(keys.user(_about(request, "change users")))
    return Answer({"ok": True})


def _make_key(request: Request) -> Answer:
    """The only answer that has the key itself."""
    user_id = _about(request, "make keys")
    expires_ms = key_lifetime(request.body, request.now_ms)
    made = new_key()
    key = Key(made.prefix, made.hash, iso(request.now_ms), expires_ms)
    user = keys.add_key(keys.user(user_id), key, request.now_ms)
    return Answer({"key": made.text, "prefix": made.prefix, "user": user.to_json()})


def _revoke_key(request: Request) -> Answer:
    user_id = _about(request, "revoke keys")
    return Answer(keys.revoke(keys.user(user_id), request.path["prefix"]).to_json())


def _about(request: Request, action: str) -> str:
    """The user whom the path names. Refuses before anything is read about that user."""
    user_id = request.path["apiUser"]
    principal: Principal = admission.of(request)
    principal.must(action, owner=user_id)
    return user_id


def _reach(request: Request, action: str) -> Callable[[str], bool]:
    """Whether the API user may do this about a function: about any, or about its own alone."""
    principal = admission.of(request)
    everything = principal.may(action)
    principal.must(action, owner=principal.user_id)
    return lambda fn: everything or owner_of(fn) == principal.user_id


def _fn(request: Request) -> str:
    fn = request.path["fn"]
    if not FN.fullmatch(fn):
        raise UnknownFunction(fn[:40])
    return fn


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.insights_path),
        {
            "functions": _functions,
            "function": _function,
            "errors": _errors,
            "usage": _usage,
            "requests": _requests,
            "users": _users,
            "create_user": _create_user,
            "user": _user,
            "change_user": _change_user,
            "remove_user": _remove_user,
            "make_key": _make_key,
            "revoke_key": _revoke_key,
        },
    ),
    lock=origin_lock(lock_reader(settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(table, failures, keys, minutes),
)
