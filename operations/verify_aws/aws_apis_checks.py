"""The HTTP APIs behind the site: closed to other callers, and throttled."""

from collections.abc import Mapping
from typing import Any

from operations.cli.output import counted
from operations.doctor.probe import ask
from operations.findings import Broken
from operations.site.checks import probes
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.check import check
from operations.verify_aws.needs import on_aws


@check(
    "origin lock",
    claim="An API refuses every request that did not come through the site.",
    laptop="On AWS anybody on the internet can call the API's own address.",
    good="403 from each API.",
)
def origin_lock(account: Account) -> str:
    answers: dict[str, int] = {}
    for probe in probes(account.session):
        url = account.parameter(probe.parameter, probe.stack)
        answers[url] = ask(url, probe.public.method, probe.public.path, {})
    open_to_all = [f"{url} answers {status}" for url, status in answers.items() if status != 403]
    if open_to_all:
        raise Broken("; ".join(open_to_all), "make deploy: such an API answers everybody")
    return f"403 from {counted(len(answers), 'API')} without the lock"


@check(
    "throttles",
    claim="Each API is throttled at the rate and the burst that config says.",
    laptop="The emulator's CloudFormation leaves out a stage's route settings.",
    good="The rates of config/environments.py. They bound what an attack can cost.",
    needs=(on_aws("deploys no throttle"),),
)
def throttles(account: Account) -> str:
    found = [(api, settings) for api in _apis(account) for settings in [_throttle(account, api)]]
    wrong = [
        f"{api.properties.get('Name')} has {_described(live)}, not {_described(planned)}"
        for api, (live, planned) in found
        if live != planned
    ]
    if wrong:
        raise Broken(
            "; ".join(wrong), "make deploy does not undo this: set it on the stage by hand"
        )
    return ", ".join(f"{api.properties.get('Name')} {_described(live)}" for api, (live, _) in found)


def _apis(account: Account) -> list[Resource]:
    return account.resources("AWS::ApiGatewayV2::Api")


Throttle = tuple[float | None, int | None]


def _throttle(account: Account, api: Resource) -> tuple[Throttle, Throttle]:
    """The live throttle, and the one of the deployed template."""
    [stage] = [
        each
        for each in account.resources("AWS::ApiGatewayV2::Stage")
        if each.stack == api.stack and each.properties["ApiId"] == {"Ref": api.logical_id}
    ]
    live = account.client("apigatewayv2").get_stage(
        ApiId=api.physical_id, StageName=stage.properties["StageName"]
    )
    return _limits(live), _limits(stage.properties)


def _limits(stage: Mapping[str, Any]) -> Throttle:
    settings = stage.get("DefaultRouteSettings", {})
    return settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")


def _described(throttle: Throttle) -> str:
    rate, burst = throttle
    return "none" if rate is None else f"{rate:g} a second, burst {burst}"
