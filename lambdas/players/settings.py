"""The settings of the functions of players."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings, such_as


@dataclass(frozen=True, kw_only=True)
class _PlayerSettings(Settings):
    player_table: str
    origin_lock_parameter: str
    token_keys_parameter: str
    api_base_path: str
    levels: str = such_as("0,50,150")
    """The points at which each intimacy level begins: "0,50,150"."""


@dataclass(frozen=True, kw_only=True)
class SignInSettings(_PlayerSettings):
    player_secret_parameter: str
    """The secret that players' keys are derived from. It never rotates."""
    persons_function: str
    providers: str = such_as("{}")
    """The options of each provider that is switched on, as JSON: {"key": {}, "x": {…}}."""


@dataclass(frozen=True, kw_only=True)
class MeSettings(_PlayerSettings):
    boards_address: str
    """Of the API that answers the boards' rankings, which takes the origin lock."""
    persons_function: str
    rewards: str = such_as("{}")
    """Points by rank, as JSON: {"1": 100, "10": 20}: 100 for the first, 20 for ranks 2 to 10."""


@dataclass(frozen=True, kw_only=True)
class ChatSettings(_PlayerSettings):
    player_secret_parameter: str
    model_id: str
    """Empty where no character speaks."""
    guardrail: str
    """Identifier and version: "abc123:1", or empty."""
    messages_a_day: int
    model_calls_a_day: int
    most_tokens: int
    message_days: int
    """How long messages are kept; 0 keeps them until their user is erased."""
    guests: int
    """1 where a session may begin without a token, as the first version of the API allowed."""


@dataclass(frozen=True, kw_only=True)
class KeysSettings(Settings):
    token_keys_parameter: str
    player_secret_parameter: str
    keep_player_secret: int
    """1 where the table outlives the stack: without the secret, players lose their board rows."""


@dataclass(frozen=True, kw_only=True)
class RankSettings(Settings):
    player_table: str


@dataclass(frozen=True, kw_only=True)
class EraseSettings(Settings):
    """Of the function that erases persons."""

    hash_key_parameter: str
    """The key of the hashes that stand for players' keys; empty where nothing is kept by them."""


@dataclass(frozen=True, kw_only=True)
class ForgettableSettings(Settings):
    """Of the function that erases persons, as far as it concerns what is held here."""

    player_table: str
