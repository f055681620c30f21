"""The order in which stacks are deployed, by the parameters that they read."""

from collections.abc import Iterable, Mapping

from stacks.shared.stack import ProjectStack


def put_in_order(stacks: Iterable[ProjectStack], written_by: Mapping[str, str]) -> None:
    """Each stack after those that write the SSM parameters which it reads at deploy."""
    by_name = {each.stack_name: each for each in stacks}
    needs = {
        name: ({written_by[each] for each in stack.reads} | stack.after) & by_name.keys() - {name}
        for name, stack in by_name.items()
    }
    for name, stack in by_name.items():
        implied = {later for each in needs[name] for later in _all_needs(each, needs)}
        for each in sorted(needs[name] - implied):
            stack.add_stack_dependency(by_name[each])


def _all_needs(name: str, needs: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = needs[waiting.pop()] - found
        found |= new
        waiting += new
    return found
