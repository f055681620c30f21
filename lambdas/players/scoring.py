"""What the character's advice is worth: it is clamped, mapped, capped, and never trusted."""

from typing import Final

from lambdas.players.personas import ScoreRule

MOST_ADVICE: Final = 100
MOST_POINTS: Final = 10
"""Of one message, whatever a persona says: the most that an injected prompt can earn."""
LEAST_POINTS: Final = -5


def advice(value: object) -> int | None:
    """The model's score as a number from 0 to 100; None where it gave no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return round(min(max(value, 0), MOST_ADVICE))


def points_for(raw: int | None, rule: ScoreRule) -> int:
    """Linear, from the rule's least at 0 to its most at 100."""
    if raw is None:
        return 0
    least, most = max(rule.least, LEAST_POINTS), min(rule.most, MOST_POINTS)
    return round(least + (most - least) * min(max(raw, 0), MOST_ADVICE) / MOST_ADVICE)


def delta_for(
    raw: int | None, rule: ScoreRule, *, repeated: bool, balance: int, gained: int
) -> int:
    """The change of the balance: 0 for a repeated text, no more than the day has left, and never
    below a balance of 0.
    """
    if repeated:
        return 0
    points = points_for(raw, rule)
    if points < 0:
        return -min(-points, balance)
    return min(points, max(rule.daily - gained, 0))
