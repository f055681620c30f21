"""{API}/functions/{project}: small functions that creators write, and their servers run."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.runner.capturing import captured
from lambdas.runner.errors import (
    ExampleFailed,
    InputRefused,
    LanguageNotAllowed,
    NotForPlayers,
    RunFailed,
    SourceRefused,
    TooManyFunctions,
    UnknownFunction,
)
from lambdas.runner.function_table import FunctionTable
from lambdas.runner.functions import (
    LANGUAGE,
    MOST_FUNCTIONS,
    Function,
    Version,
    activation_in,
    cache_key,
    input_in,
    name_in,
    session_in,
    version_in,
    written,
)
from lambdas.runner.remote import PATIENCE, Outcome, Sandbox
from lambdas.runner.routes import ROUTES
from lambdas.runner.run_table import Run, RunTable, Session
from lambdas.runner.schema import problem_of_value
from lambdas.runner.settings import FunctionsSettings
from lambdas.shared.api_users.access import Principal
from lambdas.shared.api_users.admission import Admission
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.minute_table import MinuteTable
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint
from lambdas.shared.http.errors import Malformed
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.requests import Request, limit_in
from lambdas.shared.keys.key_ring import key_ring
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.keys.player_tokens import Tokens
from lambdas.shared.keys.published import lock_reader
from lambdas.shared.values.clock import iso
from lambdas.shared.values.scrubbing import contacts

_EDGE_ID: Final = "x-amz-cf-id"
_MOST_RUNS: Final = 100
_DOT: Final = "."
"""Tokens of players have it before their signature, and API keys do not."""
PLAYER_LIMIT: Final = 60
"""Requests of one player in a minute."""

settings = FunctionsSettings.from_environment()
logger = Logger(service="functions")
client = boto3.client("dynamodb", config=CONFIG)
functions = FunctionTable(client, settings.function_table)
runs = RunTable(client, settings.run_table)
keys = KeyTable(client, settings.key_table)
minutes = MinuteTable(client, settings.minute_table)
admission = Admission(keys, minutes)
tokens = (
    Tokens(key_ring(partial(read_parameter, settings.token_keys_parameter), logger))
    if settings.token_keys_parameter
    else None
)
sandbox = Sandbox(boto3.client("lambda", config=PATIENCE), settings.sandbox_function)


def _list(request: Request) -> Answer:
    project, _ = _admitted(request, "read sources")
    return Answer({"functions": [each.to_json() for each in functions.functions(project)]})


def _read(request: Request) -> Answer:
    function, _ = _named(request, "read sources")
    return Answer(function.to_json())


def _version(request: Request) -> Answer:
    function, _ = _named(request, "read sources")
    text = request.path["version"]
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise Malformed("version", "not a version's number")
    return Answer(_version_json(functions.version(function, int(text))))


def _put(request: Request) -> Answer:
    """Adds a version, after its examples have run."""
    project, principal = _admitted(request, "change sources")
    name = name_in(request.path["function"])
    version = version_in(request.body, now=iso(request.now_ms), by=principal.user_id)
    tested = _tested(version)
    before = _known(project, name)
    if before.revision == 0 and len(list(functions.functions(project))) >= MOST_FUNCTIONS:
        raise TooManyFunctions(MOST_FUNCTIONS)
    return Answer({**functions.add(before, version).to_json(), "examplesRun": tested})


def _activate(request: Request) -> Answer:
    function, _ = _named(request, "change sources")
    number = activation_in(request.body)
    return Answer(functions.activate(function, number, iso(request.now_ms)).to_json())


def _run(request: Request) -> Answer:
    caller = _caller(request)
    function = _asked(request)
    version = _for(caller, _active(function))
    given = _checked(version.schema, input_in(request.body), "input")
    key = cache_key(function.project, function.name, version.number, given, caller.player)
    if version.cache_s:
        kept = runs.answer(key, request.now_s)
        if kept is not None:
            return _answered(version, kept, cached=True)
    answer, outcome = _executed(request, function, version, caller, given, "null")
    if version.cache_s:
        runs.keep_answer(key, answer, request.now_s + version.cache_s)
    return _answered(version, answer, outcome)


def _begin(request: Request) -> Answer:
    """The first stage: a context that all executions of the session get."""
    caller = _caller(request)
    function = _asked(request)
    version = _for(caller, _active(function))
    context, seconds = session_in(request.body)
    session = Session(
        id=secrets.token_urlsafe(24),
        project=function.project,
        name=function.name,
        version=version.number,
        user=caller.name,
        context=_checked(version.context_schema, context, "context"),
        created_ms=request.now_ms,
        expires_ms=request.now_ms + seconds * 1000,
    )
    runs.begin(session)
    return Answer({"requestId": session.id, "expiresAt": iso(session.expires_ms)})


def _session(request: Request) -> Answer:
    project, _ = _admitted(request, "read sources")
    name = name_in(request.path["function"])
    found = runs.session(request.path["requestId"], project, name)
    return Answer(found.to_json(request.now_ms))


def _execute(request: Request) -> Answer:
    """The second stage. The version is that of the first, whatever is active now."""
    caller = _caller(request)
    function, given = _asked(request), input_in(request.body)
    session = runs.execute(
        request.path["requestId"],
        function.project,
        function.name,
        caller.name,
        request.now_ms,
    )
    version = _for(caller, functions.version(function, session.version))
    checked = _checked(version.schema, given, "input")
    answer, outcome = _executed(request, function, version, caller, checked, session.context)
    return _answered(version, answer, outcome, session=session)


def _runs(request: Request) -> Answer:
    function, _ = _named(request, "read sources")
    limit = limit_in(request.query, most=_MOST_RUNS, usual=20)
    found = runs.runs(function.project, function.name, limit=limit)
    return Answer({"items": [each.to_json() for each in found]})


@dataclass(frozen=True, slots=True)
class Caller:
    name: str
    """Of the API user, or a hash of the player's id: what sessions and limits go by."""
    player: str = ""
    """The id of the player; empty for an API user."""


def _caller(request: Request) -> Caller:
    """An API user by its key, or a player by the token of a sign-in."""
    if _DOT not in request.headers.get("authorization", ""):
        return Caller(_admitted(request, "run functions")[1].user_id)
    if tokens is None:
        raise NotForPlayers
    player = tokens.bearer(request.headers, request.now_s).user_id
    name = f"player:{hashlib.sha256(player.encode()).hexdigest()[:32]}"
    minutes.take(name, PLAYER_LIMIT, request.now_s)
    return Caller(name, player)


def _for(caller: Caller, version: Version) -> Version:
    if caller.player and not version.for_players:
        raise NotForPlayers
    return version


def _asked(request: Request) -> Function:
    return functions.function(request.path["project"], name_in(request.path["function"]))


def _admitted(request: Request, action: str) -> tuple[str, Principal]:
    """The project, which is the API user whose functions it has."""
    project = request.path["project"]
    principal = admission.of(request)
    principal.must(action, owner=project)
    if principal.languages and LANGUAGE not in principal.languages:
        raise LanguageNotAllowed(LANGUAGE)
    return project, principal


def _named(request: Request, action: str) -> tuple[Function, Principal]:
    project, principal = _admitted(request, action)
    return functions.function(project, name_in(request.path["function"])), principal


def _known(project: str, name: str) -> Function:
    try:
        return functions.function(project, name, consistent=True)
    except UnknownFunction:
        return Function(project=project, name=name)


def _active(function: Function) -> Version:
    if not function.active_version:
        raise UnknownFunction(function.name)
    return functions.version(function, function.active_version)


def _checked(schema: dict[str, Any], value: Any, where: str) -> str:
    if problem := problem_of_value(schema, value, where):
        raise InputRefused(problem)
    return written(value)


def _tested(version: Version) -> int:
    """Runs the examples, or the source alone where there is none."""
    for number, example in enumerate(version.examples):
        for schema, value, where in (
            (version.schema, example.input, "input"),
            (version.context_schema, example.context, "context"),
        ):
            if problem := problem_of_value(schema, value, where):
                raise ExampleFailed(number, problem)
        outcome = sandbox.run(version.source, written(example.input), written(example.context))
        if outcome.answer is None:
            raise ExampleFailed(number, outcome.message)
        if example.has_output and written(json.loads(outcome.answer)) != written(example.output):
            raise ExampleFailed(number, f"answers {outcome.answer[:200]}")
    if not version.examples:
        checked = sandbox.check(version.source)
        if checked.code:
            raise SourceRefused(checked.message)
    return len(version.examples)


def _executed(
    request: Request,
    function: Function,
    version: Version,
    caller: Caller,
    given: str,
    context: str,
) -> tuple[str, Outcome]:
    """The answer as JSON. Raises where the function fails. What it logged is kept either way."""
    outcome = sandbox.run(version.source, given, context, caller.player)
    if outcome.logs or outcome.answer is None or version.capture:
        run = Run(
            id=secrets.token_hex(6),
            ms=request.now_ms,
            version=version.number,
            user="player" if caller.player else caller.name,
            took_ms=str(outcome.ms),
            memory_kb=outcome.memory_kb,
            cpu_ms=str(outcome.cpu_ms),
            code=outcome.code,
            message=contacts(outcome.message),
            stack=contacts(outcome.stack),
            logs=tuple((level, contacts(text)) for level, text in outcome.logs),
            captured=captured(request.headers, given, outcome.answer) if version.capture else None,
            edge_id=request.headers.get(_EDGE_ID, "")[:100],
        )
        runs.note(function.project, function.name, run)
    if outcome.answer is None:
        raise RunFailed(outcome.code, outcome.message, outcome.measured)
    return outcome.answer, outcome


def _answered(
    version: Version,
    answer: str,
    outcome: Outcome | None = None,
    *,
    cached: bool = False,
    session: Session | None = None,
) -> Answer:
    body: dict[str, Any] = {
        "answer": json.loads(answer),
        "version": version.number,
        "cached": cached,
    }
    if session is not None:
        body["executionCount"] = session.executions
    if outcome is None:
        return Answer(body, log={"cached": cached})
    log = {"cached": cached, "sandbox_ms": outcome.ms, **outcome.measured}
    return Answer(body, log=log, measured=outcome.measured)


def _version_json(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "source": version.source,
        "schema": version.schema,
        "contextSchema": version.context_schema,
        "examples": [each.to_json() for each in version.examples],
        "cacheSeconds": version.cache_s,
        "forPlayers": version.for_players,
        "capture": version.capture,
        "description": version.description,
        "tags": list(version.tags),
        "createdAt": version.created_at,
        "createdBy": version.created_by,
    }


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.functions_path),
        {
            "list": _list,
            "read": _read,
            "put": _put,
            "activate": _activate,
            "version": _version,
            "runs": _runs,
            "run": _run,
            "begin": _begin,
            "session": _session,
            "execute": _execute,
        },
    ),
    lock=origin_lock(lock_reader(settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(functions, runs, keys, minutes),
)
