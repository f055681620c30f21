"""The deploy accepts the config that the page shows."""

from pathlib import Path

from config.games import load_games
from local.bootstrap import ROOT
from tests.docs.pages import Page

PAGE = Page(ROOT / "docs" / "start" / "add-your-game.md")


def test_the_games_config_on_the_page_is_valid(tmp_path: Path) -> None:
    [config] = [block.text for block in PAGE.blocks if block.language == "json"]
    (tmp_path / "taps.json").write_text(config)
    game = load_games(tmp_path)["taps"]
    [html] = [block.text for block in PAGE.blocks if block.language == "html"]
    played = 10_000
    assert "10_000" in html
    assert game.limits.playMs.min <= played <= game.limits.playMs.max
    assert 'game: "taps"' in html
    assert all(f'"{period}"' in html for period in game.periods)
