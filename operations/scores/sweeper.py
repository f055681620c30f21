"""Removes the row that a smoke test wrote."""

from typing import Final

from config.capabilities import scores as scores_manifest
from lambdas.scores.rules import Entry, entry_of
from lambdas.scores.table import ScoreTable, board_key
from operations.account.aws_session import aws_session, core_of
from operations.account.identity import identify
from operations.account.parameters import read_parameter
from operations.site.smoke import SmokeError

_REHEARSAL: Final = board_key("smoke-test", "all")
_NOBODY: Final = Entry(
    user_id="nobody", user_name="", score=0, time_ms=0, updated_at="", rk="none", play=""
)


class RowSweeper:
    def __init__(self, table: ScoreTable) -> None:
        self._table = table

    def remove(self, game_id: str, period_id: str, user_id: str) -> bool:
        key = board_key(game_id, period_id)
        entry = entry_of(self._table.rows(key, consistent=True), user_id)
        return entry is not None and self._table.evict(key, entry)


def ready() -> RowSweeper:
    """Tries its permissions before the play, so that no row is left for want of them."""
    session = aws_session()
    identify(core_of(session))
    clients = session.client
    table_name = read_parameter(scores_manifest.TABLE.parameter, clients)
    if table_name is None:
        raise SmokeError(
            f"no SSM parameter {scores_manifest.TABLE.parameter}: use the credentials and the "
            "region of the account that the site is in"
        )
    table = ScoreTable(clients("dynamodb"), table_name)
    table.rows(_REHEARSAL)
    table.evict(_REHEARSAL, _NOBODY)
    return RowSweeper(table)
