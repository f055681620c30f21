"""PlayerTable: users, identities, sessions, messages and points, as the Lambdas read and write."""

from lambdas.players.accounts_table import AccountsTable
from lambdas.players.base_table import Account, Page
from lambdas.players.points_table import PointsTable
from lambdas.players.talks_table import (
    BUDGET_DAYS,
    Claim,
    NotClaimed,
    Talk,
    TalksTable,
    last_message,
)

__all__ = [
    "BUDGET_DAYS",
    "Account",
    "Claim",
    "NotClaimed",
    "Page",
    "PlayerTable",
    "Talk",
    "last_message",
]


class PlayerTable(AccountsTable, TalksTable, PointsTable):
    """One table, one class for each of its subjects."""
