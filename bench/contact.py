"""The files read before the first message if an account cannot be used: none is the CDK's."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from typing import Final

from bench.report import table
from local.bootstrap import ROOT

_PROGRAM: Final = """
import contextlib, io, json, runpy, sys
own, sys.argv = sys.argv[1], sys.argv[2:]
said = io.StringIO()
try:
  with contextlib.redirect_stderr(said):
    if own.endswith(".py"):
        runpy.run_path(own, run_name="__main__")
    else:
        runpy.run_module(own, run_name="__main__", alter_sys=True)
except SystemExit as ended:
    words = ended.code if isinstance(ended.code, str) else said.getvalue().rstrip()
    print(json.dumps({"words": words, "modules": sorted(sys.modules)}))
"""
_RUNS: Final = 5


@dataclass(frozen=True)
class Contact:
    """A refusal that needs no network."""

    program: str
    arguments: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)


_KEYS: Final = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}
CONTACTS: Final = {
    "before the install: a variable": Contact(
        "local/bootstrap.py", ("bootstrap.py", "dev", "dev"), {"CLOUD_PORT": "99999"}
    ),
    "before the install: no region": Contact("local/bootstrap.py", ("b.py", "dev", "deploy")),
    "after it: no credentials": Contact(
        "operations", ("htmlgame", "account"), {"AWS_REGION": "us-east-1"}
    ),
    "after it: AWS does not answer": Contact("operations", ("htmlgame", "account"), _KEYS),
}


@dataclass(frozen=True)
class First:
    words: str
    modules: frozenset[str]
    cpu_seconds: float


def first_words(contact: Contact) -> First:
    before = _spent()
    ended = _run([_PROGRAM, contact.program, *contact.arguments], contact.variables)
    cost = _spent() - before
    document = json.loads(ended)
    return First(document["words"], frozenset(document["modules"]), cost)


def _run(program: list[str], variables: dict[str, str]) -> str:
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "PYTHONPATH": str(ROOT),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return subprocess.run(
            [sys.executable, "-c", *program],
            cwd=ROOT,
            env=environment | variables,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bare() -> float:
    before = _spent()
    _run(["pass"], {})
    return _spent() - before


def run() -> None:
    bare = min(_bare() for _ in range(_RUNS))
    rows = []
    for name, contact in CONTACTS.items():
        found = [first_words(contact) for _ in range(_RUNS)]
        cost = min(each.cpu_seconds for each in found)
        rows.append((name, len(found[0].modules), cost / bare, f"{cost * 1e3:.0f}"))
    columns = ["first words", "modules", "CPU, times a bare Python's", "ms of CPU"]
    table("What an account that cannot be used costs to tell", columns, rows)
