"""Which files are mutated, and which tests are to notice it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Stage = tuple[str, ...]
"""Arguments of one run of pytest."""


@dataclass(frozen=True)
class Selection:
    """Run stage by stage until one fails, so what is slow comes last."""

    paths: tuple[str, ...]
    options: Stage = ()
    then: tuple[Stage, ...] = ()

    def whole(self) -> list[Stage]:
        return [(*self.paths, *self.options), *self.then]

    def stages(self, root: Path, mutated: str) -> list[Stage]:
        """The same tests, those first that are named like the mutated file."""
        name = f"test_{Path(mutated).stem}.py"
        files = [path for each in self.paths for path in _test_files(root, each)]
        named = tuple(path for path in files if Path(path).name == name)
        others = tuple(path for path in files if path not in named)
        return [(*some, *self.options) for some in (named, others) if some] + list(self.then)


def _test_files(root: Path, path: str) -> Iterator[str]:
    found = root / path
    files = sorted(found.rglob("test_*.py")) if found.is_dir() else [found]
    return (str(file.relative_to(root)) for file in files)


@dataclass(frozen=True)
class Room:
    name: str
    tests: dict[str, Selection]
    """By the folder of what is mutated; the longest that fits counts."""
    left_out: tuple[str, ...] = ()
    suffixes: frozenset[str] = frozenset({".py", ".js"})

    def files(self, root: Path) -> list[str]:
        found = {
            str(path.relative_to(root))
            for folder in self.tests
            for path in (root / folder).rglob("*")
            if path.suffix in self.suffixes and path.name != "__init__.py"
        }
        return sorted(path for path in found if not path.startswith(self.left_out))

    def tests_of(self, path: str) -> Selection:
        fitting = [folder for folder in self.tests if path.startswith(f"{folder}/")]
        return self.tests[max(fitting, key=len)]


_SYNTHESISED: Final = Selection(
    (
        "tests/stacks/test_intent.py",
        "tests/stacks/test_templates.py",
        "tests/stacks/test_ci_stack.py",
    ),
    options=("-k", "not nag and not cfn_lint and not commercial"),
    then=(
        ("tests/stacks/test_ops_stack.py", "tests/stacks/test_packaging.py"),
        ("tests/stacks/test_templates.py", "-k", "nag or cfn_lint or commercial"),
    ),
)

_EDGE: Final = Selection(("tests/cf_functions",))

ROOMS: Final = (
    Room(
        "lambdas",
        {
            "lambdas/scores": Selection(("tests/lambdas/scores",)),
            "lambdas/telemetry": Selection(("tests/lambdas/telemetry",)),
            "lambdas/analytics": Selection(
                ("tests/lambdas/analytics", "tests/lambdas/creators/test_functions.py")
            ),
            "lambdas/data": Selection(("tests/lambdas/data",)),
            "lambdas/creators": Selection(("tests/lambdas/creators",)),
            "lambdas/secrets": Selection(
                ("tests/lambdas/secrets", "tests/lambdas/creators/test_functions.py")
            ),
            "lambdas/erasure": Selection(("tests/lambdas/erasure",)),
            "lambdas/archive": Selection(("tests/lambdas/archive",)),
            "lambdas/players": Selection(("tests/lambdas/players",)),
            "lambdas/insights": Selection(("tests/lambdas/insights",)),
            "lambdas/runner": Selection(("tests/lambdas/runner",)),
            "lambdas/tunnels": Selection(("tests/lambdas/tunnels",)),
            "lambdas/edge": Selection(
                ("tests/lambdas/edge", "tests/lambdas/shared/test_edge_store.py")
            ),
            "lambdas/shared": Selection(
                ("tests/lambdas/shared",),
                then=(
                    (
                        "tests/lambdas/telemetry",
                        "tests/lambdas/data",
                        "tests/lambdas/creators",
                        "tests/lambdas/secrets",
                        "tests/lambdas/erasure",
                        "tests/lambdas/players",
                        "tests/lambdas/insights",
                        "tests/lambdas/runner",
                        "tests/lambdas/tunnels",
                    ),
                    ("tests/lambdas/edge",),
                ),
            ),
        },
    ),
    Room("hosts", {"hosts": Selection(("tests/hosts",))}),
    Room("stacks", {"stacks": _SYNTHESISED}),
    Room(
        "config",
        {
            "config": Selection(
                ("tests/config", "tests/lambdas/edge/test_store_sync.py"),
                then=(
                    (
                        "tests/operations/costs/test_report.py",
                        "tests/operations/costs/test_bill.py",
                    ),
                    (*_SYNTHESISED.paths, *_SYNTHESISED.options),
                    *_SYNTHESISED.then,
                ),
            )
        },
    ),
    Room(
        "cf_functions",
        {"cf_functions": _EDGE},
        left_out=("cf_functions/harness/",),
        suffixes=frozenset({".js"}),
    ),
    Room(
        # What assembles and checks them; apart, since there is more of it than of them.
        "cf_tools",
        {"cf_functions": _EDGE},
        left_out=("cf_functions/harness/",),
        suffixes=frozenset({".py"}),
    ),
    Room(
        # The minified files are built from these, and stay as they were built.
        "sdk",
        {"sdk": Selection(("tests/sdk/test_modules.py",), options=("-k", "source"))},
        left_out=("sdk/dist/",),
    ),
)
