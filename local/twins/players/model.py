"""Answers like a model of Bedrock's Converse API. Answers come from a hash."""

import hashlib
from typing import Any, Final

Json = dict[str, Any]

_REPLIES: Final = {
    "en": (
        "Really? Tell me more about it!",
        "I did not see that coming. What did you do then?",
        "Ha! I would have tried the same.",
        "Not bad. How many points was that?",
        "Nice. Shall we look at the board together?",
    ),
    "ja": (
        "ほんと？もっと聞かせて！",
        "それは予想外。それからどうしたの？",
        "あはは、私でも同じことをしたと思う。",
        "やるね。何点だった？",
        "いいね。一緒にランキングを見ようか。",
    ),
}
_UNKIND: Final = ("stupid", "boring", "hate", "ばか", "つまらない", "嫌い")
ASLEEP: Final = "please time out"
"""A message that the model does not answer, for tests and for people who want to see it."""


class Silent(Exception):
    """The model does not answer."""


def answer(request: Json) -> Json:
    """What Converse answers where a tool is forced."""
    text = request["messages"][-1]["content"][0]["text"]
    if text == ASLEEP:
        raise Silent
    [tool] = request["toolConfig"]["tools"]
    schema = tool["toolSpec"]["inputSchema"]["json"]["properties"]
    system = " ".join(each.get("text", "") for each in request["system"])
    digest = hashlib.sha256(text.encode()).digest()
    replies = _REPLIES["ja" if "必ずツール" in system else "en"]
    emotions = schema["emotion"]["enum"]
    unkind = any(word in text.lower() for word in _UNKIND)
    said = {
        "reply": replies[digest[0] % len(replies)],
        "score": digest[1] % 20 if unkind else 50 + digest[1] % 51,
        "emotion": emotions[digest[2] % len(emotions)],
    }
    use = {
        "toolUseId": f"tooluse_{digest.hex()[:22]}",
        "name": tool["toolSpec"]["name"],
        "input": said,
    }
    counted = len(system) // 4, 30
    return {
        "output": {"message": {"role": "assistant", "content": [{"toolUse": use}]}},
        "stopReason": "tool_use",
        "usage": {
            "inputTokens": counted[0],
            "outputTokens": counted[1],
            "totalTokens": sum(counted),
        },
        "metrics": {"latencyMs": 1},
    }
