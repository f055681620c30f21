"""The commands that install packages. No other file spells one: make audit looks for that.

Both refuse a file whose hash is not in the lock. Both run no code of a package while they install
it: pip takes wheels only, and npm skips install scripts. Uses the standard library only.
"""

from pathlib import Path


def pip_install(python: str | Path, lock: Path, *options: str) -> list[str]:
    command = [str(python), "-m", "pip", "install", "--require-hashes", "--only-binary=:all:"]
    command += ["--no-compile", "--disable-pip-version-check"]
    return [*command, "--requirement", str(lock), *options]


def npm_ci(node_wheel: Path, *options: str) -> list[str]:
    """`npm ci` installs what package-lock.json lists, and compares each file's integrity."""
    npm = node_wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node_wheel / "bin" / "node"), str(npm), "ci"]
    return [*command, "--ignore-scripts", "--no-audit", "--no-fund", *options]
