"""What players are answered, in the names of the spec's columns."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lambdas.players.messages import Exchange
from lambdas.players.points import Event, level_of
from lambdas.players.table import Account
from lambdas.shared.http.errors import Malformed

MOST_ITEMS: Final = 100
_USUAL_ITEMS: Final = 50
_LONGEST_CURSOR: Final = 300

Json = dict[str, Any]


def profile(account: Account, levels: Sequence[int]) -> Json:
    user, stats = account.user, account.stats
    return {
        "userId": user.id,
        "displayName": user.display_name,
        "walletAddress": user.wallet,
        "identities": [
            {"provider": each.provider, "subject": each.subject} for each in user.identities
        ],
        "stats": stats_json(stats.total_points, levels) | {"lastMessageAt": stats.last_message_at},
        "createdAt": user.created_at,
        "updatedAt": user.updated_at,
    }


def stats_json(points: int, levels: Sequence[int]) -> Json:
    return {"totalPoints": points, "intimacyLevel": level_of(points, levels)}


def answered(exchange: Exchange, levels: Sequence[int]) -> Json:
    """The same for the same message, however often it is sent."""
    reply = exchange.reply
    return {
        "reply": reply.text,
        "score": reply.score,
        "emotion": reply.emotion,
        "isGameOver": reply.over,
        "stats": stats_json(reply.balance, levels),
    }


def event_json(event: Event) -> Json:
    return {
        "version": event.version,
        "delta": event.delta,
        "balance": event.balance,
        "reason": event.reason,
        "sessionId": event.session_id,
        "messageId": event.message_id,
        "metadata": event.metadata,
        "createdAt": event.at,
    }


def limit_in(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(_USUAL_ITEMS))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= MOST_ITEMS):
        raise Malformed("limit", f"not a whole number from 1 to {MOST_ITEMS}")
    return int(text)


def cursor(*parts: str) -> str:
    return base64.urlsafe_b64encode("\n".join(parts).encode()).rstrip(b"=").decode()


def cursor_in(query: Mapping[str, str], count: int) -> list[str] | None:
    text = query.get("cursor")
    if text is None:
        return None
    try:
        text = text[:_LONGEST_CURSOR]
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise Malformed("cursor", "not one that was given here") from None
    parts = decoded.split("\n")
    if len(parts) != count:
        raise Malformed("cursor", "not one that was given here")
    return parts
