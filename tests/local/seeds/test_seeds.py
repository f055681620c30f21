"""Seeds are found by the names of the capabilities."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from config.capabilities import NAMES
from local import seeds


def test_every_module_is_named_for_a_capability() -> None:
    names = [module.__name__.rpartition(".")[2] for module in seeds._modules()]
    assert names == [name for name in NAMES if name in names]
    assert {"scores", "creators"} <= set(names)


def test_a_capability_with_seeds_is_seeded_without_being_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeded: list[Any] = []
    module = ModuleType("local.seeds.weather")
    module.__spec__ = sys.modules["local.seeds"].__spec__
    module.seed = seeded.append  # type: ignore[attr-defined]
    module.hints = lambda site: [("weather", f"{site}/weather.html")]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    capabilities = [SimpleNamespace(name=name) for name in ("weather", "without_seeds")]
    monkeypatch.setattr(seeds, "enabled", lambda _: capabilities)
    seeds.seed_all("the cloud")  # type: ignore[arg-type]
    assert seeded == ["the cloud"]
    assert seeds.all_hints("http://x") == [("weather", "http://x/weather.html")]
