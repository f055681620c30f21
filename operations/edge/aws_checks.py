"""The edge: its functions on CloudFront's own runtime, what they read, and who may change it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from config import names
from config.capabilities import edge as edge_manifest
from config.capabilities import scores as scores_manifest
from config.edge_entries import edge_entries
from config.games import load_games
from lambdas.edge.token_keys import CURRENT
from operations.cli.output import counted
from operations.docs.pages import RUNBOOK
from operations.edge.rehearsal import Rehearsal
from operations.edge.store import Store
from operations.findings import Broken
from operations.site.smoke import choose
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import on_aws

_MOST_UTILIZATION: Final = 70
"""Per cent of the time a function may take; above it CloudFront is likely to stop it."""
_MOST_KEY_BYTES: Final = 512
_MOST_VALUE_BYTES: Final = 1024
_MOST_STORE_BYTES: Final = 5 * 1024 * 1024


@check(
    "edge functions",
    claim="The three functions run an honest play on CloudFront's runtime, well within its time.",
    laptop="njs and Node accept code that CloudFront refuses, and have no limit of time.",
    good="Each takes less than 50 of 100; above 70 CloudFront may stop it.",
    needs=(on_aws("has no TestFunction"),),
)
def edge_functions(account: Account) -> str:
    rehearsal = Rehearsal(account.client("cloudfront"), account.distribution["DomainName"])
    used = rehearsal.play(choose(load_games(), None))
    evidence = ", ".join(f"{name.partition('-')[2]} {share}" for name, share in used.items())
    slow = [name for name, share in used.items() if share > _MOST_UTILIZATION]
    if slow:
        raise Broken(
            f"{evidence} of 100",
            f"make {', '.join(slow)} cheaper: fewer hashes and store reads in cf_functions",
        )
    return f"{evidence} of 100"


@check(
    "edge failures",
    claim="No edge function failed or was stopped by CloudFront in the last day.",
    laptop="Only CloudFront limits a function's time and counts what it stops.",
    good="No failure. A function that CloudFront stops is a failed request for its player.",
    needs=(on_aws("counts no failures of functions"),),
)
def edge_failures(account: Account) -> str:
    account.stack(edge_manifest.CAPABILITY.stack)
    found = {
        (function.partition("-")[2], metric): account.metric(
            "AWS/CloudFront",
            metric,
            dimensions={"FunctionName": function, "Region": "Global"},
            hours=24,
            region="us-east-1",
        )
        for function in _FUNCTIONS
        for metric in (_INVOCATIONS, *_FAILURES)
    }
    failed = [
        f"{name} {metric} {count:.0f}"
        for (name, metric), count in found.items()
        if metric != _INVOCATIONS and count
    ]
    if failed:
        raise Broken(
            ", ".join(failed),
            f"the functions' logs in us-east-1 say why: {RUNBOOK}#edge-5xx",
        )
    calls = sum(count for (_, metric), count in found.items() if metric == _INVOCATIONS)
    return f"none in {counted(round(calls), 'call')} of the last 24 hours"


_FUNCTIONS: Final = (
    scores_manifest.GET_START.name,
    scores_manifest.GET_END.name,
    scores_manifest.VALIDATE.name,
)
_INVOCATIONS: Final = "FunctionInvocations"
_FAILURES: Final = ("FunctionExecutionErrors", "FunctionThrottles", "FunctionValidationErrors")


@check(
    "edge store",
    claim="The key-value store is ready, holds every game and a key, and is within its limits.",
    laptop="The emulator has no limit on the size of a store, a key or a value.",
    good="Far below 5 MB and 1,024 bytes a value.",
)
def edge_store(account: Account) -> str:
    arn = account.parameter(names.EDGE_STORE_ARN, edge_manifest.CAPABILITY.stack)
    client = account.client("cloudfront")
    status = client.describe_key_value_store(Name=names.EDGE_STORE)["KeyValueStore"]["Status"]
    if status != "READY":
        raise Broken(f"{names.EDGE_STORE} is {status}", "wait some minutes, then make deploy")
    data = account.target.key_value_store
    total = data.describe_key_value_store(KvsARN=arn)["TotalSizeInBytes"]
    # Only names and lengths are kept: two of the values are the keys that sign plays.
    sizes = {
        name: len(value.encode()) for name, value in account.session.own(Store).values().items()
    }
    problems = list(_problems(sizes, total))
    if problems:
        raise Broken("; ".join(problems), "make deploy, or shorten what is too long")
    return (
        f"{counted(len(sizes), 'entry')}, {total / 1024:,.1f} KB of 5 MB; "
        f"the largest value {max(sizes.values())} of {_MOST_VALUE_BYTES:,} bytes"
    )


def _problems(sizes: dict[str, int], total: int) -> Iterator[str]:
    missing = [name for name in (CURRENT, *edge_entries(load_games())) if name not in sizes]
    if missing:
        yield f"missing: {', '.join(missing)}"
    for name, size in sizes.items():
        if len(name.encode()) > _MOST_KEY_BYTES:
            yield f"the name {name[:40]}… is longer than {_MOST_KEY_BYTES} bytes"
        if size > _MOST_VALUE_BYTES:
            yield f"{name} is {size} bytes, above {_MOST_VALUE_BYTES:,}"
    if total > _MOST_STORE_BYTES:
        yield f"the store holds {total:,} bytes, above {_MOST_STORE_BYTES:,}"


@dataclass(frozen=True, slots=True)
class Grant:
    functions: tuple[str, ...]
    action: str
    ours: tuple[str, ...]
    other: str


@check(
    "edge grants",
    claim="The Lambdas may change our distribution and store and see our functions, no others.",
    laptop="The emulator does not say which store or function a call is about, so local policies "
    "allow all of them.",
    good="IAM's simulation allows each of our resources and denies another.",
    needs=(on_aws("grants every store and every function"),),
)
def edge_grants(account: Account) -> str:
    wrong = [problem for grant in _grants(account) for problem in _misjudged(account, grant)]
    if wrong:
        raise Broken("; ".join(wrong), "make deploy")
    return "our distribution, store and functions are allowed, others denied"


def _grants(account: Account) -> Iterator[Grant]:
    ours = f"arn:aws:cloudfront::{account.id}:"
    yield Grant(
        (edge_manifest.DISTRIBUTION_PATCH.name, edge_manifest.DRIFT_GUARD.name),
        "cloudfront:UpdateDistribution",
        (f"{ours}distribution/{account.distribution_id}",),
        f"{ours}distribution/EANOTHER",
    )
    yield Grant(
        (edge_manifest.DISTRIBUTION_PATCH.name, edge_manifest.DRIFT_GUARD.name),
        "cloudfront:DescribeFunction",
        tuple(f"{ours}function/{name}" for name in _FUNCTIONS),
        f"{ours}function/another",
    )
    yield Grant(
        (scores_manifest.PUT_SCORE.name,),
        "cloudfront:CreateInvalidation",
        (f"{ours}distribution/{account.distribution_id}",),
        f"{ours}distribution/EANOTHER",
    )
    yield Grant(
        (
            scores_manifest.TRIM_TOP.name,
            edge_manifest.ROTATE_KEYS.name,
            edge_manifest.STORE_KEEPER.name,
        ),
        "cloudfront-keyvaluestore:UpdateKeys",
        (account.parameter(names.EDGE_STORE_ARN, edge_manifest.CAPABILITY.stack),),
        f"{ours}key-value-store/00000000-0000-0000-0000-000000000000",
    )


def _misjudged(account: Account, grant: Grant) -> Iterator[str]:
    for function in grant.functions:
        for resource in grant.ours:
            if not _may(account, function, grant.action, resource):
                yield f"{function} may not {grant.action} on {resource}"
        if _may(account, function, grant.action, grant.other):
            yield f"{function} may {grant.action} on resources that are not ours"


def _may(account: Account, function: str, action: str, resource: str) -> bool:
    role = names.function_role(function, account.region)
    # With several resources IAM answers for all of them together.
    [judged] = account.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{account.id}:role/{role}",
        ActionNames=[action],
        ResourceArns=[resource],
    )["EvaluationResults"]
    return bool(judged["EvalDecision"] == "allowed")
