"""The players API, and the budget of the model behind the characters."""

from config.capabilities import players as players_manifest
from config.capabilities.players import Players
from lambdas.shared.values.clock import day_of
from operations.cli.session import Session
from operations.deployed import has
from operations.doctor.check import check
from operations.doctor.probe import check_api
from operations.findings import Broken, Skipped
from operations.players.accounts import PlayerAccounts
from operations.players.probes import probe

_OFF = "no Players(…) in capabilities of config/environments.py"


@check("players API")
def api(session: Session) -> str:
    if not has(session.target.environment, players_manifest.CAPABILITY.name):
        raise Skipped(_OFF)
    return check_api(session, probe())


@check("characters")
def characters(session: Session) -> str:
    settings = session.target.environment.given(Players)
    if settings is None:
        raise Skipped(_OFF)
    character = settings.character
    if not character.model or not character.calls_a_day:
        raise Skipped("no model in Character(…): the characters sleep")
    taken = session.own(PlayerAccounts).table.taken_calls(day_of(session.now_ms))
    if taken >= character.calls_a_day:
        raise Broken(
            f"all {character.calls_a_day:,} model calls of today are taken: the characters sleep",
            "wait for midnight UTC, or raise calls_a_day in config/environments.py",
        )
    return f"{taken:,} of today's {character.calls_a_day:,} model calls taken"
