"""Edge functions: bytes, store reads, and instructions compared to simpler functions."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

from bench.report import table
from cf_functions.assemble import MAX_BYTES, NAMES, assemble
from cf_functions.harness import NJS, Call, Engine, Store
from cf_functions.harness import run as run_calls
from tests.cf_functions import client
from tests.cf_functions.plays import FIRST_DAY, MINUTE, Play, Request

_REFERENCE: Final = Path(__file__).with_name("jwt_reference.js")
_IDLE: Final = "async function handler(event) {\n  return event.request;\n}\n"
_COUNTED: Final = re.compile(r"Collected : (\d+)")
_FEW, _MANY = 20, 220


def run() -> None:
    if NJS.path is None:
        print("edge functions: apt-get install njs, the engine closest to CloudFront's")
        return
    plays = _one_play()
    sources = {name: assemble(name) for name in NAMES}
    reads = [run_calls(NJS, [call])[0].reads for call in plays.values()]
    calls = {"a function that returns the request": _idle(), "one JWT, one store read": _jwt()}
    calls |= plays
    sources |= {"idle": _IDLE, "jwt": _REFERENCE.read_text()}
    counted = _instructions(calls, sources)
    idle, jwt = list(counted.values())[:2]
    table(
        f"Edge functions; a play reads the store {sum(map(len, reads))} times",
        ["function", f"bytes of {MAX_BYTES:,}", "instructions", "to the JWT's", "above idle"],
        [
            (
                name,
                len(sources[calls[name].function].encode()),
                f"{cost:,.0f}",
                cost / jwt,
                (cost - idle) / (jwt - idle),
            )
            for name, cost in counted.items()
        ],
    )


def _one_play() -> dict[str, Call]:
    """Start, end and submission of a valid play, each made from the answer before."""
    play = Play(
        Random(1),  # noqa: S311 - a play like any other
        "snake",
        user_key="the-key-of-a-player",
        began=FIRST_DAY + 10 * MINUTE,
        played=MINUTE,
        paused=0,
        waited=1000,
        name="Alice",
        score=600,
    )
    start = play.start_request().call()
    begun = run_calls(NJS, [start])[0].answer
    play.token_start, play.sid = _said(begun, "token_start"), _said(begun, "sid")
    end = play.end_request().call()
    play.end = end.clock
    play.token_end = _said(run_calls(NJS, [end])[0].answer, "token_end")
    submit = play.submit_request().call()
    assert "statusCode" not in run_calls(NJS, [submit])[0].answer
    return {"get_start": start, "get_end": end, "validate": submit}


def _said(answer: dict[str, str], name: str) -> str:
    found = re.search(rf'"{name}":"([^"]+)"', str(answer["body"]))
    assert found, answer
    return found[1]


def _idle() -> Call:
    return Request("idle", FIRST_DAY, uri="/").call()


def _jwt() -> Call:
    header = client.base64url(b'{"alg":"HS256","typ":"JWT"}')
    claims = client.base64url(b'{"sub":"a-player","exp":4102444800}')
    mac = client.base64url(client.mac("a secret of the store", f"{header}.{claims}"))
    bearer = {"authorization": f"Bearer {header}.{claims}.{mac}"}
    call = Request("jwt", FIRST_DAY, uri="/", headers=bearer).call()
    return Call("jwt", call.event, Store({"jwt": "a secret of the store"}), call.clock)


def _instructions(calls: dict[str, Call], sources: dict[str, str]) -> dict[str, float]:
    if shutil.which("valgrind") is None:
        print("instructions: apt-get install valgrind")
        return dict.fromkeys(calls, float("nan"))
    counts = {}
    for name, call in calls.items():
        few, many = (_count([call] * times, sources) for times in (_FEW, _MANY))
        counts[name] = (many - few) / (_MANY - _FEW)
    return counts


def _count(calls: Sequence[Call], sources: dict[str, str]) -> int:
    with tempfile.NamedTemporaryFile("r") as log:
        counting = ("--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={log.name}")
        arguments = (*counting, str(NJS.path), *NJS.arguments)
        run_calls(Engine("valgrind", arguments, "valgrind"), calls, sources)
        found = _COUNTED.search(Path(log.name).read_text())
    assert found
    return int(found[1])
