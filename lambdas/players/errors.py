"""Refusals of players' requests. Codes are stable."""

from typing import ClassVar

from lambdas.shared.http.errors import (
    Busy,
    Conflict,
    Forbidden,
    TooMany,
    Unauthorized,
    Unknown,
    Unprocessable,
)


class TokenRevoked(Unauthorized):
    code = "token_revoked"

    def __init__(self) -> None:
        super().__init__("Authorization: this token was revoked; sign in again")


class BadProof(Unauthorized):
    """A proof of identity that a provider's rules refuse."""

    sentence: ClassVar[str]

    def __init__(self, field: str = "token") -> None:
        super().__init__(f"{field}: {self.sentence}")


class ProofMalformed(BadProof):
    code = "proof_malformed"
    sentence = "not a token of this provider; send it as the provider issued it"


class ProofAlgorithm(BadProof):
    code = "proof_algorithm"
    sentence = "signed with an algorithm other than the provider's"


class ProofKeyUnknown(BadProof):
    code = "proof_key_unknown"
    sentence = "signed with a key that the provider does not publish"


class ProofSignature(BadProof):
    code = "proof_signature"
    sentence = "the signature does not belong to it"


class ProofIssuer(BadProof):
    code = "proof_issuer"
    sentence = "issued by someone else"


class ProofAudience(BadProof):
    code = "proof_audience"
    sentence = "issued for another app"


class ProofExpired(BadProof):
    code = "proof_expired"
    sentence = "expired or not valid yet; get a new one from the provider"


class ProofRefused(BadProof):
    code = "proof_refused"
    sentence = "the provider refused it; begin the sign-in again"


class DerivedKey(BadProof):
    code = "derived_key"
    sentence = "a key for scores, which signs nobody in; send the key that this device made"


class UnknownGuest(BadProof):
    code = "unknown_guest"
    sentence = "no guest began this session"


class ProviderUnavailable(Busy):
    code = "provider_unavailable"
    retry_after = 5

    def __init__(self, provider: str) -> None:
        super().__init__(f"provider: {provider} does not answer; try again in a few seconds")


class Banned(Forbidden):
    code = "banned"

    def __init__(self) -> None:
        super().__init__("this account is banned")


class IdentityTaken(Conflict):
    code = "identity_taken"

    def __init__(self) -> None:
        super().__init__(
            "this identity belongs to another account; merge the two with POST …/me/merge"
        )


class LastIdentity(Conflict):
    code = "last_identity"

    def __init__(self) -> None:
        super().__init__("provider: the last identity stays; link another one first")


class TooManyIdentities(Unprocessable):
    code = "too_many_identities"

    def __init__(self, most: int) -> None:
        super().__init__(f"an account has at most {most} identities; unlink one first")


class TooManyMerges(Unprocessable):
    code = "too_many_merges"

    def __init__(self, most: int) -> None:
        super().__init__(f"an account absorbs at most {most} others")


class UnknownIdentity(Unknown):
    code = "unknown_identity"

    def __init__(self) -> None:
        super().__init__("provider: no identity of this provider is linked to the account")


class UnknownUser(Unknown):
    code = "unknown_user"

    def __init__(self) -> None:
        super().__init__("user: does not exist")


class UnknownAccount(Unknown):
    code = "unknown_account"

    def __init__(self) -> None:
        super().__init__("this identity belongs to no account; link it with POST …/me/identities")


class UnknownSession(Unknown):
    code = "unknown_session"

    def __init__(self) -> None:
        super().__init__("sessionId: no such session; begin one with POST …/chat/session")


class InProgress(Conflict):
    code = "in_progress"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "another message of this player is being answered; send this one again in "
            f"{retry_after} s"
        )
        self.retry_after = retry_after


class MessageTaken(Conflict):
    code = "message_already_sent"

    def __init__(self) -> None:
        super().__init__("id: this message was sent already, with another text; make a new id")


class GameOver(Conflict):
    code = "game_over"

    def __init__(self) -> None:
        super().__init__("sessionId: this session is over; begin a new one")


class DailyLimit(TooMany):
    code = "daily_limit"

    def __init__(self, most: int, retry_after: int) -> None:
        super().__init__(
            f"{most} messages a day are the most; the next day begins in {retry_after} s",
            retry_after,
        )


class Asleep(Busy):
    code = "asleep"

    def __init__(self, retry_after: int) -> None:
        super().__init__("the characters sleep: today's budget is spent; come back tomorrow")
        self.retry_after = retry_after


class CharacterSilent(Busy):
    code = "character_silent"
    retry_after = 2

    def __init__(self) -> None:
        super().__init__("the character did not answer; send the same message again")


class InsufficientPoints(Unprocessable):
    code = "insufficient_points"

    def __init__(self, balance: int, delta: int) -> None:
        super().__init__(f"points: {delta} would make the balance of {balance} negative")


class RewardTaken(Conflict):
    code = "reward_taken"

    def __init__(self) -> None:
        super().__init__("this reward was given already, for another reason or amount")


class BoardOpen(Conflict):
    code = "board_open"

    def __init__(self, period: str) -> None:
        super().__init__(f"period: {period} has not ended everywhere; claim its reward later")


class UnknownBoard(Unknown):
    code = "unknown_board"

    def __init__(self) -> None:
        super().__init__("game, period: no such board, or it never closes")


class NoReward(Unknown):
    code = "no_reward"

    def __init__(self) -> None:
        super().__init__("game, period: this player holds no rank that earns points")


class BoardsUnavailable(Busy):
    code = "boards_unavailable"
    retry_after = 5

    def __init__(self) -> None:
        super().__init__("the board cannot be read now; try again in a few seconds")
