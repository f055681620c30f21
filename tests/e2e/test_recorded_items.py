"""This version reads the items of an older one and gives the same answers.

The items and the answers are those of the version that recorded them: see tests/gate.
"""

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.deploy import Deployment
from tests.gate.changes import unkept
from tests.gate.items import put_back
from tests.gate.questions import QUESTIONS, answers, is_failure
from tests.gate.recorded import ANSWERS, ITEMS
from tests.gate.site import Site, site_of
from tests.system import System, deployed_cloud

RECORDED = json.loads(gzip.decompress(ITEMS.read_bytes()))
OLD = json.loads(ANSWERS.read_text(encoding="utf-8"))
ADVICE = f"""
Version {RECORDED["commit"][:12]} stored items that this version reads in another way: it loses or
misreads the data that people have. Read the old form beside the new one. If the answer is meant to
change, edit tests/gate/recorded/answers.json. See "Moves" in docs/explanation/decisions.md.
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, snapshot: Path) -> Iterator[Site]:
    """In a cloud of its own: keys and boards are those of the record."""
    with (
        deployed_cloud(tmp_path_factory.mktemp("recorded"), snapshot) as cloud,
        site_of(System(cloud, Deployment(cloud))) as site,
    ):
        put_back(site, RECORDED, seconds_ago=int(time.time()) - RECORDED["at"] // 1000)
        yield site


@pytest.fixture(scope="module")
def now(site: Site) -> dict[str, Any]:
    return answers(site, RECORDED)


def test_the_questions_are_the_recorded_ones() -> None:
    assert list(OLD) == list(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_is_answered_as_before(now: dict[str, Any], question: str) -> None:
    assert not is_failure(now[question]), now[question]
    told = [f"{question}: {change}" for change in unkept(OLD[question], now[question])]
    assert not told, "\n".join(["", *told, ADVICE])


def test_a_session_token_of_the_old_version_is_known(site: Site) -> None:
    """A readable token is valid or expired; an unreadable one would be refused as malformed."""
    visitor = site.visitor(RECORDED["subjects"]["projects"]["snake"])
    visitor.session = RECORDED["subjects"]["session"]
    reply = visitor.say("event", eventName="start")
    assert reply.status == 200 or reply.code == (401, "token_expired"), reply
