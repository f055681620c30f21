"""make audit: are all dependencies locked by hash, and is a vulnerability known in one?

The first half needs no network, and a test runs it, too. Exits with 1 if either finds one.
"""

import sys

from local.dependencies.advisories import advice
from local.dependencies.checks import problems
from local.dependencies.locks import LOCKS, pins
from local.terminal.progress import step


def main() -> None:
    found = list(problems())
    for problem in found:
        print(f"✗ {problem}")
    if not found:
        packages = {(pin.name, pin.version) for lock in LOCKS for pin in pins(lock.path)}
        print(f"✓ {len(packages)} Python packages and all of npm's are locked by hash")
    bad = len(found)
    with step("asking for known vulnerabilities"):
        advised = list(advice())
    for each in advised:
        bad += len(each.vulnerable)
        for line in each.vulnerable:
            print(f"✗ {each.what}: {line}")
        if each.not_checked:
            print(f"! {each.what}: NOT CHECKED for known vulnerabilities: {each.not_checked}")
        elif not each.vulnerable:
            print(f"✓ {each.what}: no known vulnerability")
    if bad:
        sys.exit(f"make audit: {bad} to fix")


if __name__ == "__main__":
    main()
