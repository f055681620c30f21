"""The function that replaces error pages runs where CloudFront runs it, and does what is said."""

import pytest

from cf_functions.harness import ENGINES, Call, Engine, Store, run
from cf_functions.lint import check
from config.grants import checked_grants
from lambdas.edge import distribution_grants
from local.bootstrap import ROOT
from tests.docs.pages import Page

PAGE = Page(ROOT / "docs" / "guides" / "your-own-site.md")
[REWRITE] = [block.text for block in PAGE.blocks if block.language == "js"]


def rewritten(engine: Engine, *paths: str) -> list[str]:
    calls = [
        Call("rewrite", {"request": {"method": "GET", "uri": path}}, Store(), 0) for path in paths
    ]
    return [outcome.answer["uri"] for outcome in run(engine, calls, {"rewrite": REWRITE})]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_pages_of_the_app_are_served_and_files_are_left_alone(engine: Engine) -> None:
    pages = rewritten(engine, "/", "/players/ann", "/players/ann/", "/v1.2/players")
    assert set(pages) == {"/index.html"}
    files = ["/app.js", "/img/hero.png", "/index.html"]
    assert rewritten(engine, *files) == files


def test_it_uses_nothing_that_the_runtime_lacks() -> None:
    assert check(REWRITE) == []


def test_the_grants_of_the_example_are_accepted() -> None:
    [example] = [block.text for block in PAGE.blocks if "DistributionGrants(" in block.text]
    names: dict[str, object] = {"DistributionGrants": distribution_grants.DistributionGrants}
    exec(example, names)  # noqa: S102 - the page's own example
    grants = names["distribution_grants"]
    assert isinstance(grants, distribution_grants.DistributionGrants)
    assert checked_grants(grants) == grants
