"""The order in which stacks are deployed, by the parameters that they read."""

from collections.abc import Iterable, Mapping

from config.model import ConfigError
from stacks.shared.stack import ProjectStack


def put_in_order(stacks: Iterable[ProjectStack], written_by: Mapping[str, str]) -> None:
    """Each stack after those that write the SSM parameters which it reads at deploy."""
    by_name = {each.stack_name: each for each in stacks}
    needs = {
        name: (({written_by[each] for each in stack.reads} | stack.after) & by_name.keys()) - {name}
        for name, stack in by_name.items()
    }
    for name, direct in direct_needs(needs).items():
        for each in sorted(direct):
            by_name[name].add_stack_dependency(by_name[each])


def direct_needs(needs: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Without those that another one needs already."""
    return {
        name: own - {later for each in own for later in _all_needs(name, each, needs)}
        for name, own in needs.items()
    }


def _all_needs(name: str, first: str, needs: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [first]
    while waiting:
        new = needs[waiting.pop()] - found
        found |= new
        waiting += new
    if name in found:
        raise ConfigError(
            "config/capabilities",
            "",
            f"{name} and {first} read each other's parameters, so neither can be deployed first; "
            "fix: move what both read into one of the two stacks",
        )
    return found
