"""One message: answered once, stored once, and worth what the rules say.

1. The session and its last messages are read. A message that they hold is answered from there.
2. The user's stats are claimed, so one message of a user is answered at a time.
3. The character speaks.
4. Both messages, the ledger's event and the stats are written together.
Where the function dies in between, the claim ends with its lease and the same id goes on.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from lambdas.players.budget import Budget, until_midnight
from lambdas.players.character import Character, Line
from lambdas.players.errors import (
    Banned,
    DailyLimit,
    GameOver,
    InProgress,
    MessageTaken,
    TokenRevoked,
    UnknownSession,
)
from lambdas.players.ledger import TRIES, Wait, next_event, pause
from lambdas.players.messages import (
    Exchange,
    Reply,
    Said,
    Sent,
    Session,
    check_made_now,
    next_number,
    repeats,
)
from lambdas.players.personas import Persona, Personas
from lambdas.players.points import Event, level_of
from lambdas.players.scoring import delta_for
from lambdas.players.table import Claim, NotClaimed, PlayerTable, Talk, last_message
from lambdas.players.users import Stats
from lambdas.shared.http.errors import Busy
from lambdas.shared.keys.player_tokens import Bearer, NoToken
from lambdas.shared.values.clock import day_of, iso
from lambdas.shared.values.uuids import uuid7

LEASE_SECONDS: Final = 20
"""Longer than the function may run."""
REASON: Final = "chat"


class Limits(NamedTuple):
    levels: Sequence[int]
    messages_a_day: int
    message_days: int = 0

    def expires_s(self, now_s: int) -> int | None:
        return now_s + self.message_days * 86_400 if self.message_days else None


class _Turn(NamedTuple):
    """A claimed message."""

    talk: Talk
    claim: Claim
    said: Said
    persona: Persona
    now_ms: int


class Conversation:
    def __init__(
        self,
        table: PlayerTable,
        character: Character,
        budget: Budget,
        personas: Personas,
        limits: Limits,
        *,
        wait: Wait = time.sleep,
        new_claim: Callable[[], str] = lambda: secrets.token_urlsafe(9),
    ) -> None:
        self._table = table
        self._character = character
        self._budget = budget
        self._personas = personas
        self._limits = limits
        self._wait = wait
        self._new_claim = new_claim

    def say(self, sent: Sent, bearer: Bearer | None, now_ms: int) -> Exchange:
        talk = self._table.talk(sent.session_id)
        if talk is None:
            raise UnknownSession
        who = self.check_speaker(talk.session, bearer)
        known = _same(talk.answered(sent.id), sent)
        if known is not None:
            return known
        if sent.id is not None:
            check_made_now(sent.id, now_ms)
        if talk.is_over:
            raise GameOver
        persona = self._personas.named(talk.session.character)
        said = Said(
            id=sent.id or uuid7(now_ms),
            text=sent.text,
            locale=persona.locale(sent.locale),
            at=iso(now_ms),
        )
        self._budget.check(now_ms)
        claim = self._claim_of(who, now_ms, guest=bearer is None)
        stats = self._claimed(claim, now_ms)
        turn = _Turn(talk=talk, claim=claim, said=said, persona=persona, now_ms=now_ms)
        try:
            return self._answered(turn, stats, sent)
        except Exception:
            # The player may try again at once. A claim that is lost already stays so.
            self._table.release(claim)
            raise

    def check_speaker(self, session: Session, bearer: Bearer | None) -> Bearer:
        """Someone else's session is unknown. A guest's session needs no token."""
        if bearer is None:
            if not session.guest:
                raise NoToken
            return Bearer(user_id=session.user_id, epoch=0)
        if session.user_id != bearer.user_id:
            user = self._table.user(bearer.user_id)
            if user is None or session.user_id not in user.merged_from:
                raise UnknownSession
        return bearer

    def _claim_of(self, who: Bearer, now_ms: int, *, guest: bool) -> Claim:
        now_s = now_ms // 1000
        return Claim(
            user_id=who.user_id,
            epoch=who.epoch,
            id=self._new_claim(),
            now_s=now_s,
            until_s=now_s + LEASE_SECONDS,
            day=day_of(now_ms),
            most_used=self._limits.messages_a_day,
            guest=guest,
        )

    def _claimed(self, claim: Claim, now_ms: int) -> Stats:
        try:
            return self._table.claim(claim)
        except NotClaimed as refused:
            stats = refused.stats
        now_s = now_ms // 1000
        if claim.guest and not (stats and stats.guest):
            raise NoToken
        if stats is None or stats.epoch != claim.epoch:
            raise TokenRevoked
        if stats.banned:
            raise Banned
        if stats.lease_s > now_s:
            raise InProgress(min(stats.lease_s - now_s, 2))
        raise DailyLimit(self._limits.messages_a_day, until_midnight(now_s))

    def _answered(self, turn: _Turn, stats: Stats, sent: Sent) -> Exchange:
        talk = self._as_claimed(turn.talk, stats)
        known = _same(talk.answered(turn.said.id), sent)
        if known is not None:
            self._table.release(turn.claim)
            return known
        if talk.is_over:
            raise GameOver
        self._budget.use()
        line = self._character.speak(
            turn.persona,
            talk.history,
            turn.said.text,
            locale=turn.said.locale,
            username=talk.session.username,
        )
        return self._written(turn, talk, stats, line, sent)

    def _as_claimed(self, talk: Talk, stats: Stats) -> Talk:
        """Read again where another message of the session was answered before the claim."""
        session_id = talk.session.id
        last = stats.last_message or ""
        if not last.startswith(last_message(session_id, "")) or last == talk.last:
            return talk
        again = self._table.talk(session_id)
        if again is None:
            raise UnknownSession
        return again

    def _written(self, turn: _Turn, talk: Talk, stats: Stats, line: Line, sent: Sent) -> Exchange:
        """Points that came meanwhile change the balance; the character is not asked again."""
        session_id = talk.session.id
        for attempt in range(TRIES):
            exchange, event = self._exchange(turn, talk, stats, line)
            try:
                failed = self._table.answer(
                    talk.session,
                    stats,
                    exchange,
                    event,
                    claim=turn.claim,
                    level=self._level(event.balance),
                    expires_s=self._limits.expires_s(turn.now_ms // 1000),
                )
            except Busy:
                # A conflict with another transaction on the stats: nothing was written.
                failed = 2
            if failed is None:
                return exchange
            stored = _same(self._table.exchange(session_id, turn.said.id), sent)
            if stored is not None:
                self._table.release(turn.claim)
                return stored
            stats = self._still_claimed(turn.claim)
            pause(attempt, self._wait)
        raise Busy

    def _still_claimed(self, claim: Claim) -> Stats:
        stats = self._table.stats(claim.user_id)
        if stats is None:
            raise TokenRevoked
        if stats.claim != claim.id:
            # The lease was over, and another attempt is at it; or the account was merged.
            raise TokenRevoked if stats.epoch != claim.epoch else InProgress(1)
        return stats

    def _exchange(
        self, turn: _Turn, talk: Talk, stats: Stats, line: Line
    ) -> tuple[Exchange, Event]:
        delta = delta_for(
            line.score,
            turn.persona.score,
            repeated=repeats(turn.said.text, talk.history),
            balance=stats.total_points,
            gained=stats.on(turn.claim.day).gained,
        )
        event = next_event(stats, delta, REASON, turn.said.at)
        event = Event(
            version=event.version,
            delta=delta,
            balance=event.balance,
            reason=REASON,
            at=event.at,
            session_id=talk.session.id,
            message_id=turn.said.id,
        )
        number = next_number(talk.history)
        reply = Reply(
            text=line.text,
            score_raw=line.score,
            score=delta,
            emotion=turn.persona.emotion(line.emotion),
            over=turn.persona.is_over(talk.history, line.score, number),
            balance=event.balance,
            number=number,
            at=event.at,
        )
        return Exchange(turn.said, reply), event

    def _level(self, points: int) -> int:
        return level_of(points, self._limits.levels)


def _same(exchange: Exchange | None, sent: Sent) -> Exchange | None:
    """Refuses an id that came with another text."""
    if exchange is not None and exchange.said.text != sent.text:
        raise MessageTaken
    return exchange
