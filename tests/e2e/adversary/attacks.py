"""Attacks by someone who knows the protocol and holds valid tickets.

Each function takes a cheat and makes one attack. The record judges every answer by the rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from tests.cf_functions.client import player_header, signature, user_id, utc_day
from tests.e2e.adversary.players import Player, a_play, key_of
from tests.e2e.adversary.record import Line, Reply, now_ms
from tests.e2e.adversary.rules import CLOCK_MS, GAMES, ODD_NAMES, Submission, Ticket, period_ids

BASE64URL: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
YOUNG_MS: Final = 20_000
TOKENS: Final = ("X-Token-Start", "X-Token-End", "X-Sig", "X-User-Key")


@dataclass
class Cheat:
    """A handful of identities, each with plays under way and tickets."""

    line: Line
    chance: Random
    players: list[Player]
    begun: list[tuple[Player, Reply, float]] = field(default_factory=list)
    held: list[tuple[Player, Ticket]] = field(default_factory=list)

    def stock_up(self) -> None:
        """Begins plays, and ends those that have taken long enough."""
        while len(self.begun) < 6:
            player = self.chance.choice(self.players)
            started = player.start(self.chance.choice(["snake", "snake", "minesweeper"]))
            if started.status == 200:
                self.begun.append((player, started, time.monotonic()))
        ripe = [each for each in self.begun if time.monotonic() > each[2] + 1.7]
        for each in ripe:
            self.begun.remove(each)
            player, started, at = each
            ticket = player.end(started, round((time.monotonic() - at) * 1000))
            if ticket:
                self.held.append((player, ticket))

    def ticket(self) -> tuple[Player, Ticket]:
        """A fresh one, or one that was used before. Its grace outlasts our patience."""
        while not (young := [each for each in self.held if age_ms(each[1]) < YOUNG_MS]):
            self.stock_up()
            time.sleep(0.05)
        return self.chance.choice(young[-8:])

    def fresh_ticket(self) -> tuple[Player, Ticket]:
        before = len(self.held)
        while len(self.held) == before:
            self.stock_up()
            time.sleep(0.05)
        return self.held[-1]

    def score(self, ticket: Ticket) -> int:
        if ticket.game == "minesweeper":
            return 1
        played = min(ticket.play_ms, ticket.end_ms - ticket.start_ms)
        return self.chance.randint(0, 12 * played // 1000)

    def periods(self, ticket: Ticket) -> str:
        """Some of the game's boards, by alias or id."""
        kinds = GAMES[ticket.game]["periods"]
        ids = period_ids(ticket.end_ms)
        some = self.chance.sample(kinds, self.chance.randint(1, len(kinds)))
        return ",".join(self.chance.choice([kind, ids[kind]]) for kind in some)

    def valid(self) -> tuple[Player, Ticket, Submission]:
        player, ticket = self.ticket()
        return player, ticket, player.submission(ticket, self.score(ticket), self.periods(ticket))


def age_ms(ticket: Ticket) -> int:
    return now_ms() - ticket.end_ms


def at_once(line: Line, what: str, all_of_them: Sequence[Submission]) -> None:
    with ThreadPoolExecutor(len(all_of_them)) as pool:
        list(pool.map(lambda sent: line.submit(what, sent), all_of_them))


def changed_byte(chance: Random, text: str) -> str:
    place = chance.randrange(len(text))
    return chance.choice(
        [
            text[:place] + chance.choice(BASE64URL) + text[place + 1 :],
            text[:place] + text[place + 1 :],
            text[:place] + chance.choice(BASE64URL + ".=~ ") + text[place:],
            text[:place] + text[place].swapcase() + text[place + 1 :],
            text + chance.choice(["=", "A", ".", "==", "."]),
            text[:-1] + chance.choice(BASE64URL),
            text[:place],
        ]
    )


def plays_well(cheat: Cheat) -> None:
    """The best that the limits allow, which is theirs by the rules."""
    player, ticket = cheat.fresh_ticket()
    played = min(ticket.play_ms, ticket.end_ms - ticket.start_ms)
    score = 1 if ticket.game == "minesweeper" else 12 * played // 1000
    cheat.line.submit("plays well", player.submission(ticket, score))


def mutates(cheat: Cheat) -> None:
    _, _, sent = cheat.valid()
    for name in TOKENS:
        value = sent.value(name.lower()) or ""
        bent = sent.changed(**{name: changed_byte(cheat.chance, value)})
        cheat.line.submit("one byte", bent)


def mutates_what_is_signed(cheat: Cheat) -> None:
    _, ticket, sent = cheat.valid()
    other = cheat.chance.choice(
        [
            {"X-Score": str(cheat.score(ticket) + 1)},
            {"X-Player": player_header("Eve 9")},
            {"X-Player": (sent.value("x-player") or "") + "%20"},
        ]
    )
    cheat.line.submit("signed for something else", sent.changed(**other))


def splices(cheat: Cheat) -> None:
    """Tokens, keys, paths and signatures of two plays, games or players."""
    _, _, one = cheat.valid()
    _, _, other = cheat.valid()
    mine = [name for name in (*TOKENS, "X-Score", "X-Player") if cheat.chance.random() < 0.5]
    mixed = one.changed(**{name: other.value(name.lower()) for name in mine})
    path = cheat.chance.choice([one.path, other.path])
    cheat.line.submit("spliced", replace(mixed, path=path))
    halves = [f"{a.split('.')[0]}.{b.split('.')[1]}" for a, b in _pairs(one, other)]
    cheat.line.submit("halves", one.changed(X_Token_Start=halves[0], X_Token_End=halves[1]))


def _pairs(one: Submission, other: Submission) -> list[tuple[str, str]]:
    names = ("x-token-start", "x-token-end")
    return [(one.value(name) or ".", other.value(name) or ".") for name in names]


def signs_for_itself(cheat: Cheat) -> None:
    """Takes the sid, the end token, or the key of another play to sign with."""
    player, ticket, sent = cheat.valid()
    _, other = cheat.ticket()
    header, score = player_header(player.name), sent.value("x-score") or ""
    day = utc_day(ticket.end_ms + cheat.chance.choice([0, 0, 86_400_000, -5 * 86_400_000]))
    token = cheat.chance.choice([ticket.token_end, other.token_end, ticket.token_start])
    sid = cheat.chance.choice([ticket.sid, other.sid, "A" * 22])
    signed = signature(token, header, score, day, sid)
    cheat.line.submit("signed otherwise", sent.changed(X_Sig=signed))


def takes_anothers_place(cheat: Cheat) -> None:
    """An honest player's id is on every ranking."""
    player, _, sent = cheat.valid()
    victim = user_id(key_of("honest", cheat.chance.randrange(5)))
    game, periods = sent.path.split("/")[3:5]
    path = f"/api/scores/{game}/{periods}/{victim}"
    cheat.line.submit("a victim's id", replace(sent, path=path))
    started = player.line.ask("GET", f"/api/get-start?game={game}&user={victim}")
    if started.status == 200:
        time.sleep(1.0)
        thief = replace(player, cookie=started.body["sid"])
        theirs = thief.end(started, 1100)
        if theirs and game == "snake":
            wrong = thief.submission(theirs, 1)
            cheat.line.submit("a victim's id, own key", replace(wrong, path=path))


def replays(cheat: Cheat) -> None:
    """The same, on the same boards and on others, with the same score and another."""
    player, ticket, sent = cheat.valid()
    cheat.line.submit("first", sent)
    cheat.line.submit("again", sent)
    other = player.submission(ticket, cheat.score(ticket), cheat.periods(ticket))
    cheat.line.submit("another score", other)
    every = player.submission(ticket, cheat.score(ticket))
    cheat.line.submit("another score on all boards", every)


def races(cheat: Cheat) -> None:
    """One play at the same time, with several scores, names, metas and boards."""
    player, ticket = cheat.fresh_ticket()
    sent = []
    for _ in range(5):
        named = replace(player, name=cheat.chance.choice([player.name, "Eve 7"]))
        meta = cheat.chance.choice([None, None, {"level": 1}])
        periods = cheat.periods(ticket)
        sent.append(named.submission(ticket, cheat.score(ticket), periods, meta))
    at_once(cheat.line, "at once", sent)


def races_boards(cheat: Cheat) -> None:
    """One play at the same time, with another score on each board."""
    player, ticket = cheat.fresh_ticket()
    kinds = GAMES[ticket.game]["periods"]
    played = min(ticket.play_ms, ticket.end_ms - ticket.start_ms)
    best = 1 if ticket.game == "minesweeper" else 12 * played // 1000
    sent = [
        player.submission(ticket, max(best - place, 1), kind) for place, kind in enumerate(kinds)
    ]
    at_once(cheat.line, "a score for each board", sent)


def alternates(cheat: Cheat) -> None:
    """Two plays in turns on one board, each better than the other was."""
    player, one = cheat.fresh_ticket()
    mine = [
        ticket
        for each, ticket in cheat.held
        if each is player and ticket.game == one.game and age_ms(ticket) < YOUNG_MS
    ]
    other = cheat.chance.choice(mine)
    for turn in range(4):
        ticket = (one, other)[turn % 2]
        score = 1 if ticket.game == "minesweeper" else 10 + turn
        cheat.line.submit("in turns", player.submission(ticket, score, "all"))


def ends_in_many_ways(cheat: Cheat) -> None:
    """Several ends of one start, submitted at once: still one play."""
    player = cheat.chance.choice(cheat.players)
    started = player.start("snake")
    if started.status != 200:
        return
    time.sleep(1.2)
    ends = [player.end(started, play_ms) for play_ms in (1000, 1090, 1180)]
    tickets = [each for each in ends if each]
    sent = [player.submission(each, cheat.chance.randint(9, 12), "all") for each in tickets]
    if sent:
        at_once(cheat.line, "several ends", sent)


def lies_about_time(cheat: Cheat) -> None:
    """Ends too early, too late, too long, or in odd spellings of a number."""
    player = cheat.chance.choice(cheat.players)
    game = cheat.chance.choice(["snake", "minesweeper"])
    started = player.start(game)
    if started.status != 200:
        return
    for play_ms in cheat.chance.sample(
        ["1000", "1500", "2999", "0", "-1", "1e3", "1000.0", "01000", "+1500", "99999999999",
         "0x3e8", "3600001", "Infinity", "1500,1500", "1 500"],
        5,
    ):  # fmt: skip
        ticket = cheat.line.end("odd time", started.body["token_start"], play_ms, player.cookies())
        if ticket:
            cheat.held.append((player, ticket))


def ends_without_session(cheat: Cheat) -> None:
    """No cookie, another play's, or the right one beside a planted one."""
    if not cheat.begun:
        return
    player, started, _ = cheat.chance.choice(cheat.begun)
    token, sid = started.body["token_start"], started.body["sid"]
    for cookies in ([], [("Cookie", f"game_sid={'x' * 22}")], [("Cookie", f"sid={sid}")]):
        if cheat.line.end("no session", token, "1700", cookies):
            cheat.line.record.problem(f"a play ended with the cookies {cookies}")
    bent = changed_byte(cheat.chance, token)
    if bent != token and cheat.line.end("bent start", bent, "1700", player.cookies()):
        cheat.line.record.problem(f"a play ended with a token that nobody gave: {bent}")


def plants_cookies(cheat: Cheat) -> None:
    """A second cookie of the name neither ends a play under way nor replaces its session."""
    player = Player(cheat.line, key_of(cheat.chance.random()), "Eve 8")
    started = player.start("snake")
    if started.status != 200:
        return
    planted = replace(player, cookie="")
    for cookies in (
        [("Cookie", f"game_sid={'e' * 22}; game_sid={player.cookie}")],
        [("Cookie", f"game_sid={player.cookie}; game_sid={'!' * 9}")],
    ):
        again = cheat.line.ask("GET", f"/api/get-start?game=snake&user={planted.id}", cookies)
        if again.status != 200 or "Set-Cookie" in again.headers:
            cheat.line.record.problem(f"{cookies}: {again.status} {again.headers}")
    time.sleep(1.2)
    both = [("Cookie", f"game_sid={'e' * 22}; game_sid={player.cookie}")]
    ticket = cheat.line.end("planted", started.body["token_start"], "1200", both)
    if ticket is None:
        cheat.line.record.problem("a planted cookie ended a play under way")
        return
    cheat.line.submit("planted", player.submission(ticket, 7))


def navigates(cheat: Cheat) -> None:
    """A link, a frame or an image of another site to get-start sets no cookie."""
    player = cheat.chance.choice(cheat.players)
    for mode, dest in (("navigate", "document"), ("navigate", "iframe"), ("no-cors", "image")):
        headers = [("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest)]
        reply = cheat.line.ask("GET", f"/api/get-start?game=snake&user={player.id}", headers)
        if reply.status != 403 or "Set-Cookie" in reply.headers:
            cheat.line.record.problem(f"{mode} to get-start: {reply.status} {reply.headers}")


def comes_from_elsewhere(cheat: Cheat) -> None:
    _, _, sent = cheat.valid()
    site = cheat.line.record.site
    origin = cheat.chance.choice(
        ["https://evil.example", "null", f"{site}.evil.example", f"{site[:-1]}", "", None,
         f"https://evil.example/{site}", f"{site}@evil.example", site.upper()]
    )  # fmt: skip
    name = cheat.chance.choice(["Origin", "Referer"])
    cheat.line.submit("from elsewhere", sent.changed(Origin=None).changed(**{name: origin}))


def spells_numbers(cheat: Cheat) -> None:
    """X-Sig is right for the number, so only its spelling is wrong."""
    _, ticket, sent = cheat.valid()
    score = int(sent.value("x-score") or 0)
    spelling = cheat.chance.choice(
        ["+{}", "0{}", "{}.0", "{}e0", "-0", "0x{:x}", "{},{}", "{};", "--{}", "{}_0", "",
         "9007199254740993", "-9999999999999999", "99999999999999999999"]
    ).format(score, score)  # fmt: skip
    signed = [
        signature(ticket.token_end, sent.value("x-player") or "", each, utc_day(ticket.end_ms),
                  ticket.sid)
        for each in (str(score), spelling)
    ]  # fmt: skip
    for each in signed:
        cheat.line.submit("other spelling", sent.changed(X_Score=spelling, X_Sig=each))


def brings_headers(cheat: Cheat) -> None:
    """Headers that only the edge may write change nothing."""
    _, ticket, sent = cheat.valid()
    foreign = {
        "X-Play-Id": f"another.play@{ticket.end_ms}",
        "X-Play-Ms": "1",
        "X-Origin-Verify": "open",
        "X-Forwarded-For": f"10.0.0.{cheat.chance.randrange(255)}",
        "X-Idem-Key": f"idem{cheat.chance.randrange(1000)}",
        "X-Game-Id": "minesweeper",
    }
    for name, value in foreign.items():
        cheat.line.submit(f"brings {name}", sent.changed(**{name: value}))


def says_it_twice(cheat: Cheat) -> None:
    _, _, sent = cheat.valid()
    for name in (*TOKENS, "X-Score", "X-Player"):
        value = cheat.chance.choice([sent.value(name.lower()) or "", "12"])
        doubled = replace(sent, headers=(*sent.headers, (name, value)))
        cheat.line.submit("twice", doubled)


def asks_for_too_much(cheat: Cheat) -> None:
    """A little more than each limit of each game allows."""
    player = cheat.chance.choice(cheat.players)
    for game, config in GAMES.items():
        ticket, limits = a_play(player, game, 1.7), config["limits"]
        if ticket is None:
            continue
        played = min(ticket.play_ms, ticket.end_ms - ticket.start_ms)
        within = int(limits.get("perSecond", 1) * played / 1000) + 1
        for score in (within, limits["score"]["max"] + 1, limits["score"]["min"] - 1):
            cheat.line.submit("too much", player.submission(ticket, score))


def finds_other_paths(cheat: Cheat) -> None:
    _, ticket, sent = cheat.valid()
    game, periods, user = sent.path.split("/")[3:]
    ids = period_ids(ticket.end_ms)
    path = cheat.chance.choice(
        [
            f"/api/scores-{cheat.chance.randrange(16)}/{game}/{periods}/{user}",
            f"/api/scores/{game}/{periods}/{user}/",
            f"/api/scores/{game}//{periods}/{user}",
            f"/api/scores/{game}/all,all/{user}",
            f"/api/scores/{game}/monthly,{ids['monthly']}/{user}",
            f"/api/scores/{game}/2026-10/{user}",
            f"/api/scores/{game}/2027-12/{user}",
            f"/api/scores/{game}/hourly/{user}",
            f"/api/scores/{game.upper()}/{periods}/{user}",
            f"/api/scores/{game}/{periods}/{user.swapcase()}",
            f"/api/scores/{game}/{periods}/{user}%00",
            f"/api/scores/{game}/{periods.replace(',', '%2C')}%2Call/{user}",
            f"/api/scores/..%2Fscores/{game}/{periods}/{user}",
            f"/api/ranking/{game}/all",
        ]
    )
    cheat.line.submit("another path", replace(sent, path=path))
    method = cheat.chance.choice(["POST", "DELETE", "PATCH", "GET"])
    cheat.line.submit("another method", replace(sent, method=method))


def sends_bodies(cheat: Cheat) -> None:
    _, _, sent = cheat.valid()
    bodies: list[bytes] = [
        b"{", b"[]", b"null", b'{"meta":1}', b'{"score":99}', b'\xef\xbb\xbf{"meta":{}}',
        b'{"meta":{"a":NaN}}', b'{"meta":{"a":"' + b"x" * 200 + b'"}}', b" " * 5000,
        b'{"meta":null}', b'{"meta":{"a":"\\u001b[2J"}}', b'{"meta":{}}',
        b"[" * 3000,
    ]  # fmt: skip
    cheat.line.submit("odd body", replace(sent, body=cheat.chance.choice(bodies)))


def keeps_for_later(cheat: Cheat) -> None:
    """Submits when the grace is over, if the attacks go on for so long."""
    for player, ticket in cheat.held:
        if age_ms(ticket) > GAMES[ticket.game]["limits"]["graceMs"] + CLOCK_MS:
            cheat.held.remove((player, ticket))
            kept = player.submission(ticket, cheat.score(ticket))
            cheat.line.submit("kept for later", kept)
            return


def hides_names(cheat: Cheat) -> None:
    """Names that hide or imitate are signed as sent and shown as cleaned."""
    player, ticket = cheat.fresh_ticket()
    named = replace(player, name=cheat.chance.choice(sorted(ODD_NAMES)))
    cheat.line.submit("odd name", named.submission(ticket, cheat.score(ticket)))


def reorders(cheat: Cheat) -> None:
    """Submits before the end, and ends with an end token."""
    player, ticket, sent = cheat.valid()
    swapped = sent.changed(X_Token_Start=ticket.token_end, X_Token_End=ticket.token_start)
    cheat.line.submit("swapped", swapped)
    if cheat.line.end("an end as a start", ticket.token_end, "1700", player.cookies(ticket.sid)):
        cheat.line.record.problem("an end token began a play")
    if cheat.begun:
        player, started, _ = cheat.begun[-1]
        token: Any = started.body["token_start"]
        cheat.line.submit("no end", sent.changed(X_Token_Start=token, X_Token_End=token))


Attack = Callable[[Cheat], None]

ATTACKS: Final[tuple[Attack, ...]] = (
    plays_well, mutates, mutates_what_is_signed, splices, signs_for_itself, takes_anothers_place,
    replays, races, races_boards, alternates, ends_in_many_ways, lies_about_time,
    ends_without_session, plants_cookies, navigates, comes_from_elsewhere, spells_numbers,
    brings_headers, says_it_twice, asks_for_too_much, finds_other_paths, sends_bodies,
    hides_names, keeps_for_later, reorders,
)  # fmt: skip


def attack(cheat: Cheat, due: list[Attack], until: float) -> None:
    """Makes the attacks that are due, which several cheats share, and then any until that time."""
    while due or time.monotonic() < until:
        try:
            one = due.pop()
        except IndexError:
            one = cheat.chance.choice(ATTACKS)
        one(cheat)
        cheat.stock_up()
