"""The operator configures the path of the API, and the functions use it."""

import pytest

from cf_functions.assemble import NAMES, assemble
from cf_functions.harness import Engine, Outcome, run
from config.model import ConfigError
from config.paths import checked
from tests.cf_functions.cases import base_case

ELSEWHERE = "/play/v1"


def ran(engine: Engine, name: str, uri: str | None = None) -> Outcome:
    call = base_case(name).call
    if uri is not None:
        call.event["request"]["uri"] = uri
    sources = {each: assemble(each, api=ELSEWHERE) for each in NAMES}
    [outcome] = run(engine, [call], sources)
    return outcome


def test_the_cookie_goes_where_the_api_is(engine: Engine) -> None:
    cookie = ran(engine, "get_start").answer["cookies"]["game_sid"]
    assert cookie["attributes"].startswith("Path=/play/v1;")


def test_a_score_is_let_through_there_and_nowhere_else(engine: Engine) -> None:
    uri = base_case("validate").call.event["request"]["uri"]
    there = uri.replace("/api/", f"{ELSEWHERE}/")
    forwarded = ran(engine, "validate", there).answer["uri"]
    assert forwarded.startswith(f"{ELSEWHERE}/scores-")
    assert forwarded.endswith(there.removeprefix(f"{ELSEWHERE}/scores"))
    for elsewhere in (uri, f"/other{there}", there.replace("/play", "/%70lay")):
        assert ran(engine, "validate", elsewhere).answer["statusCode"] == 400


@pytest.mark.parametrize("path", ["/api", "/a", "/play/v1", "/~x/y_z-1.0"])
def test_a_path_is_taken_as_it_is(path: str) -> None:
    assert checked(path) == path


@pytest.mark.parametrize(
    "path", ["", "/", "api", "/api/", "//api", "/a*", "/a?b", "/a b", "/a/../b", "/é", "/a'"]
)
def test_a_path_that_is_none_is_named_with_its_file(path: str) -> None:
    with pytest.raises(ConfigError, match=r"config/paths\.json: API_BASE_PATH: "):
        checked(path)
