"""The score: of a sample, how many mutants were noticed, and which were not."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt

from tests.mutation.trials import Outcome, Trial


def score_line(name: str, trials: Sequence[Trial]) -> str:
    noticed = sum(trial.outcome.noticed for trial in trials)
    by_time = sum(trial.outcome is Outcome.TIMED_OUT for trial in trials)
    share = noticed / len(trials) if trials else 0.0
    line = f"{name:14}{noticed:4} of {len(trials):4} noticed {share:6.0%} {_margin(share, trials)}"
    return line.rstrip() + (f"  ({by_time} by never ending)" if by_time else "")


def _margin(share: float, trials: Sequence[Trial]) -> str:
    """The half-width of the 95 % confidence interval."""
    if not trials:
        return ""
    return f"± {1.96 * sqrt(share * (1 - share) / len(trials)):.0%}"


def report(by_room: Mapping[str, Sequence[Trial]]) -> Iterator[str]:
    every = [trial for trials in by_room.values() for trial in trials]
    survivors = [trial.mutant for trial in every if not trial.outcome.noticed]
    if survivors:
        yield "not noticed:"
    for mutant in sorted(survivors, key=lambda each: (each.path, each.line)):
        yield mutant.diff
    for room, trials in by_room.items():
        yield score_line(room, trials)
    if len(by_room) > 1:
        yield score_line("overall", every)
