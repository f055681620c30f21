"""The runner on a toy tree: what is noticed, what is not, and the tree stays as it is."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from local.bootstrap import ROOT
from tests.mutation.mutants import (
    Drawn,
    Equivalent,
    Mutant,
    equivalents,
    generator,
    mutant_of,
)
from tests.mutation.report import report
from tests.mutation.rooms import ROOMS, Room, Selection
from tests.mutation.run import Plan, Run
from tests.mutation.trees import Tree
from tests.mutation.trials import Judges, Outcome, TreeFailsError

SOURCE = """\
LIMIT = 10


def allowed(value):
    return value <= LIMIT


def steps(value):
    while value > 0:
        value -= 1
    return value
"""
TESTS = """\
from toy.limits import LIMIT, allowed, steps


def test_the_limit_itself_is_allowed():
    assert allowed(LIMIT)


def test_steps_end():
    assert steps(3) == 0
"""
NOTICED = ("value <= LIMIT", "value < LIMIT")
NOT_NOTICED = ("LIMIT = 10", "LIMIT = 11")
NEVER_ENDS = ("value -= 1", "value -= 0")
BREAKS_THE_IMPORT = ("LIMIT = 10", "LIMIT = missing")
TOY = Room("toy", {"toy": Selection(("tests",))})


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # a toy needs none of them
    root = tmp_path / "tree"
    for path, text in {"toy/limits.py": SOURCE, "tests/test_limits.py": TESTS}.items():
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text(text)
    return root


def mutant(root: Path, before: str, after: str) -> Mutant:
    start = SOURCE.index(before)
    edit = {"start": start, "end": start + len(before), "replacement": after}
    return mutant_of(root, {"path": "toy/limits.py", **edit})


def run_of(
    root: Path,
    *edits: tuple[str, str],
    known: Sequence[Equivalent] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Run:
    mutants = [mutant(root, *edit) for edit in edits]
    return Run(
        Tree(root),
        [TOY],
        lambda _root, _files, sample, _seed: Drawn(7, mutants[:sample]),
        known=known,
        judges=Judges(least_seconds=8),
        say=say,
    )


def outcomes(run: Run) -> list[tuple[str, Outcome]]:
    return [(trial.mutant.replacement, trial.outcome) for trial in run.trials["toy"]]


def test_noticed_and_unnoticed_mutants_are_reported_apart(toy: Path) -> None:
    run = run_of(toy, NOTICED, NOT_NOTICED, BREAKS_THE_IMPORT)
    run.go(Plan(sample=40, seed=1, jobs=1))
    assert outcomes(run) == [
        ("value < LIMIT", Outcome.KILLED),
        ("LIMIT = 11", Outcome.SURVIVED),
        ("LIMIT = missing", Outcome.KILLED),
    ]
    assert list(report(run.trials)) == [
        "not noticed:",
        "toy/limits.py:1\n  - LIMIT = 10\n  + LIMIT = 11",
        "toy              2 of    3 noticed    67% ± 53%",
    ]
    assert (toy / "toy/limits.py").read_text() == SOURCE


def test_a_mutant_that_never_ends_is_noticed(toy: Path) -> None:
    run = run_of(toy, NEVER_ENDS)
    run.go(Plan(sample=1, seed=1, jobs=1))
    assert outcomes(run) == [("value -= 0", Outcome.TIMED_OUT)]
    [line] = report(run.trials)
    assert line.endswith("(1 by never ending)")


def test_copies_work_side_by_side_and_one_mutant_leaves_nothing_for_the_next(toy: Path) -> None:
    edits = [NOTICED, NOT_NOTICED] * 2
    run = run_of(toy, *edits)
    run.go(Plan(sample=4, seed=1, jobs=2))
    assert sorted(outcomes(run), key=str) == sorted(
        [("value < LIMIT", Outcome.KILLED), ("LIMIT = 11", Outcome.SURVIVED)] * 2, key=str
    )


def test_tests_that_fail_anyway_judge_nothing(toy: Path) -> None:
    (toy / "tests/test_limits.py").write_text("def test_it():\n    assert False\n")
    with pytest.raises(TreeFailsError, match=r"fail without any mutant.*: tests\n"):
        run_of(toy, NOTICED).go(Plan(sample=1, seed=1, jobs=1))
    (toy / "tests/test_limits.py").write_text("")
    with pytest.raises(TreeFailsError, match="no test was found"):
        run_of(toy, NOTICED).go(Plan(sample=1, seed=1, jobs=1))


def test_an_edit_during_the_run_has_no_effect(toy: Path) -> None:
    """A test that the copies do not have would fail there on each mutant."""

    def edit(said: str) -> None:
        if said.endswith("without a mutant"):
            (toy / "tests/test_added.py").write_text("def test_it():\n    assert False\n")

    run = run_of(toy, NOT_NOTICED, say=edit)
    run.go(Plan(sample=1, seed=1, jobs=1))
    assert outcomes(run) == [("LIMIT = 11", Outcome.SURVIVED)]


def test_when_the_minutes_are_over_no_mutant_is_begun(toy: Path) -> None:
    run = run_of(toy, NOTICED)
    run.go(Plan(sample=1, seed=1, jobs=1, minutes=0))
    assert run.trials == {"toy": []}
    assert list(report(run.trials)) == ["toy              0 of    0 noticed     0%"]


def test_a_known_equivalent_mutant_is_not_tried(toy: Path) -> None:
    known = [Equivalent("toy/limits.py", "LIMIT = 10", "LIMIT = 11", "the test asks for LIMIT")]
    run = run_of(toy, NOTICED, NOT_NOTICED, known=known)
    run.go(Plan(sample=2, seed=1, jobs=1))
    assert outcomes(run) == [("value < LIMIT", Outcome.KILLED)]


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_no_mutant_no_copy_and_no_process(
    toy: Path, tmp_path: Path, ended_by: signal.Signals
) -> None:
    """Interrupts by Ctrl-C, and by the signal that stops make."""
    (toy / "tests/test_limits.py").write_text(
        textwrap.dedent(
            """\
            import os, pathlib, time
            from toy.limits import allowed, LIMIT

            def test_it():
                if not allowed(LIMIT):
                    pathlib.Path(os.environ["HELD"]).write_text(str(os.getpid()))
                    time.sleep(600)
            """
        )
    )
    script = textwrap.dedent(
        f"""\
        import sys
        from pathlib import Path
        import tests.mutation.__main__ as program
        from tests.mutation import test_mutation as toys
        root = Path({str(toy)!r})
        program.Run = lambda *_, **__: toys.run_of(root, toys.NOTICED)
        sys.argv = ["make mutate", "--jobs=1"]
        sys.exit(program.main())
        """
    )
    held, temporary = tmp_path / "held", tmp_path / "temporary"
    temporary.mkdir()
    environment = os.environ | {
        "HELD": str(held),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        deadline = time.monotonic() + 60
        while not (held.is_file() and held.read_text()):
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        running.send_signal(ended_by)
        said, _ = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "0 of    0 noticed" in said
    assert (toy / "toy/limits.py").read_text() == SOURCE
    assert list(temporary.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(held.read_text()), 0)


def test_a_sample_is_split_between_languages_by_their_candidates(toy: Path) -> None:
    (toy / "toy/wire.js").write_text("one();\n" * 30)
    answers = textwrap.dedent(
        """\
        import json, sys
        asked = json.load(sys.stdin)
        [path] = asked["files"]
        mutants = [
            {"path": path, "start": 0, "end": 3, "replacement": f"{asked['seed']}"}
        ] * asked["sample"]
        print(json.dumps({"places": int(sys.argv[1]), "mutants": mutants}))
        """
    )
    program = toy.parent / "generate.py"
    program.write_text(answers)
    commands = {
        ".py": [sys.executable, str(program), "30"],
        ".js": [sys.executable, str(program), "10"],
    }
    files = TOY.files(toy)
    assert files == ["toy/limits.py", "toy/wire.js"]
    drawn = generator(commands)(toy, files, 8, 5)
    assert drawn.places == 40
    assert [each.path for each in drawn.mutants] == ["toy/limits.py"] * 6 + ["toy/wire.js"] * 2
    assert {each.after for each in drawn.mutants} == {"5IT = 10", "5();"}


def test_tests_that_are_named_like_the_file_come_first_and_none_is_left_out(toy: Path) -> None:
    (toy / "tests/test_all.py").touch()
    tests = Selection(("tests",), options=("-k", "quick"), then=(("slow.py",),))
    assert tests.stages(toy, "toy/limits.py") == [
        ("tests/test_limits.py", "-k", "quick"),
        ("tests/test_all.py", "-k", "quick"),
        ("slow.py",),
    ]
    assert tests.stages(toy, "toy/other.py")[0] == (
        "tests/test_all.py",
        "tests/test_limits.py",
        "-k",
        "quick",
    )


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_each_room_has_files_and_each_file_tests_that_exist(room: Room) -> None:
    files = room.files(ROOT)
    assert files
    for path in files:
        for stage in room.tests_of(path).whole():
            named = [part for part in stage if part.startswith("tests/")]
            assert named
            assert all((ROOT / part).exists() for part in named)


def test_rooms_hold_all_that_runs_or_deploys() -> None:
    held = {path for room in ROOMS for path in room.files(ROOT)}
    for folder in ("lambdas", "stacks", "config", "cf_functions"):
        for path in (ROOT / folder).rglob("*.py"):
            inside = str(path.relative_to(ROOT))
            if path.name != "__init__.py" and not inside.startswith("cf_functions/harness"):
                assert inside in held
    assert {"cf_functions/validate/function.js", "cf_functions/lib/tokens.js"} <= held


def test_every_listed_equivalent_is_still_in_the_code() -> None:
    for each in equivalents():
        text = " ".join((ROOT / each.path).read_text(encoding="utf-8").split())
        assert each.before in text, f"{each.path} has changed; remove it from equivalent.toml"
        assert each.before != each.after
        assert each.why
