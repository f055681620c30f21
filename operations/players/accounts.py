"""The accounts of the target, as commands show and change them."""

from config.capabilities import players as players_manifest
from config.capabilities.players import Players
from lambdas.players.accounts import Accounts
from lambdas.players.answers import profile
from lambdas.players.ledger import Ledger
from lambdas.players.table import Account
from lambdas.players.users import Identity
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.values.uuids import is_uuid
from operations.cli.output import Json
from operations.cli.session import Session
from operations.deployed import has
from operations.errors import NotFound, OperatorError
from operations.players.operator_table import OperatorTable


class NoPlayers(OperatorError):
    code = "not_deployed"

    def __init__(self) -> None:
        super().__init__(
            "this environment has no players: add Players(…) to capabilities in "
            "config/environments.py, and make deploy"
        )


class PlayerAccounts:
    """Made once a session: session.own(PlayerAccounts)."""

    def __init__(self, session: Session) -> None:
        if not has(session.target.environment, players_manifest.CAPABILITY.name):
            raise NoPlayers
        self.settings = session.target.environment.settings(Players)
        name = session.parameter(
            players_manifest.TABLE.parameter, players_manifest.CAPABILITY.stack
        )
        self.client = session.target.shared("dynamodb")
        self.table_name = name
        self.table = OperatorTable(self.client, name)
        self.jobs = JobTable(self.client, name)
        self.levels = self.settings.levels
        self.ledger = Ledger(self.table, self.levels)
        self.accounts = Accounts(self.table, self.levels, player_id_of=_nobody)

    def one(self, user_id: str) -> Account:
        """Also by the id of an account that was merged into it."""
        account = self.table.account(user_id.lower()) if is_uuid(user_id.lower()) else None
        if account is None:
            raise NotFound(
                f"USER_ID: there is no account {user_id}; htmlgame players find shows the ids"
            )
        if account.user.merged_into is not None:
            return self.one(account.user.merged_into)
        return account

    def by_identity(self, text: str) -> str | None:
        """The user id behind provider:subject, such as x:12345."""
        provider, colon, subject = text.partition(":")
        return self.table.owner(Identity(provider, subject)) if colon else None

    def document(self, account: Account) -> Json:
        user = account.user
        return profile(account, self.levels) | {
            "playerIds": list(user.player_ids),
            "mergedFrom": list(user.merged_from),
            "banned": account.stats.banned,
            "version": account.stats.version,
        }


def _nobody(_user_id: str) -> str:
    raise AssertionError("operators make no accounts")
