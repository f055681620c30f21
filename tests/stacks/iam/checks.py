"""Checks IAM statements against AWS's service authorization reference.

IAM accepts all of it, and grants less than its author means.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.stacks.iam import reference
from tests.stacks.iam.arns import may_name
from tests.stacks.iam.reference import Action
from tests.stacks.iam.statements import Statement

Excuses = Mapping[tuple[str, str], str]
"""Why an action is granted without one that depends on it."""


@dataclass(frozen=True, slots=True)
class Finding:
    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


def findings(statements: Sequence[Statement], excuses: Excuses) -> list[Finding]:
    found = [
        Finding(statement.where, problem)
        for statement in statements
        for problem in _of_statement(statement)
    ]
    for holder, held in _by_holder(statements).items():
        found += [Finding(holder, problem) for problem in _missing_dependents(held, excuses)]
    return found


def _of_statement(statement: Statement) -> Iterator[str]:
    for member in statement.unread:
        yield f"{member} is not checked here; name what is meant instead"
    meant = {pattern: reference.actions(pattern) for pattern in statement.actions}
    for pattern, actions in meant.items():
        if not actions:
            yield f"{pattern}: AWS has no such action"
    if statement.resources:
        yield from _of_resources(statement.resources, meant)
    yield from _of_keys(statement, meant)


def _of_resources(resources: Sequence[str], meant: Mapping[str, Sequence[Action]]) -> Iterator[str]:
    for pattern, actions in meant.items():
        if actions and not any(_takes_any(action, resources) for action in actions):
            yield f"{pattern}: it is granted on {_wanted(actions)}, not on {', '.join(resources)}"
    every = [action for actions in meant.values() for action in actions]
    for resource in resources:
        if resource != "*" and not any(_takes(action, resource) for action in every):
            yield f"{resource}: none of the statement's actions is granted on it"


def _takes_any(action: Action, resources: Iterable[str]) -> bool:
    return any(_takes(action, resource) for resource in resources)


def _takes(action: Action, resource: str) -> bool:
    return resource == "*" or any(may_name(resource, each.arn) for each in action.types)


def _wanted(actions: Sequence[Action]) -> str:
    names = dict.fromkeys(each.name for action in actions for each in action.types)
    return ", ".join(names) or "* alone"


def _of_keys(statement: Statement, meant: Mapping[str, Sequence[Action]]) -> Iterator[str]:
    federated = {
        key.lower() for issuer in statement.federated for key in reference.federated_keys(issuer)
    }
    for key in statement.keys:
        if key.lower() in federated:
            continue
        for pattern, actions in meant.items():
            if actions and not any(action.takes_key(key) for action in actions):
                yield f"{pattern}: it has no condition key {key}"


def _by_holder(statements: Iterable[Statement]) -> dict[str, list[Statement]]:
    held: defaultdict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        for holder in statement.holders:
            if statement.effect == "Allow":
                held[holder].append(statement)
    return held


def _missing_dependents(held: Sequence[Statement], excuses: Excuses) -> Iterator[str]:
    patterns = {pattern.lower() for statement in held for pattern in statement.actions}
    for pattern in sorted(patterns):
        for action in reference.actions(pattern) if "*" not in pattern else ():
            for dependent in action.dependents:
                granted = any(fnmatchcase(dependent.lower(), each) for each in patterns)
                if not granted and (str(action), dependent) not in excuses:
                    yield f"{action}: it depends on {dependent}, which is not granted"
