"""The HTTP APIs behind the site: closed to other callers, and throttled."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

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
    claim="Each API, and each route with a throttle of its own, is throttled as config says.",
    laptop="The emulator's CloudFormation leaves out a stage's route settings.",
    good="The rates of config/environments.py. They bound what an attack can cost.",
    needs=(on_aws("deploys no throttle"),),
)
def throttles(account: Account) -> str:
    found = [(_name(api), *_throttles(account, api)) for api in _apis(account)]
    wrong = [problem for name, live, planned in found for problem in _changed(name, live, planned)]
    if wrong:
        raise Broken(
            "; ".join(wrong), "make deploy does not undo this: set it on the stage by hand"
        )
    return ", ".join(_summary(name, live) for name, live, _ in found)


def _apis(account: Account) -> list[Resource]:
    return account.resources("AWS::ApiGatewayV2::Api")


def _name(api: Resource) -> str:
    return str(api.properties.get("Name"))


_STAGE: Final = ""
"""The key of the throttle that holds for each route without one of its own."""

Throttle = tuple[float | None, int | None]
Throttles = Mapping[str, Throttle]
"""By route key, such as GET /notes, or _STAGE."""
_NONE: Final[Throttle] = (None, None)


def _throttles(account: Account, api: Resource) -> tuple[Throttles, Throttles]:
    """The live throttles, and those of the deployed template."""
    [stage] = [
        each
        for each in account.resources("AWS::ApiGatewayV2::Stage")
        if each.stack == api.stack and each.properties["ApiId"] == {"Ref": api.logical_id}
    ]
    live = account.client("apigatewayv2").get_stage(
        ApiId=api.physical_id, StageName=stage.properties["StageName"]
    )
    return _of(live), _of(stage.properties)


def _of(stage: Mapping[str, Any]) -> Throttles:
    routes = stage.get("RouteSettings", {})
    settings = {_STAGE: stage.get("DefaultRouteSettings", {}), **routes}
    found = {key: _limits(each) for key, each in settings.items()}
    return {key: each for key, each in found.items() if each != _NONE}


def _limits(settings: Mapping[str, Any]) -> Throttle:
    return settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")


def _changed(name: str, live: Throttles, planned: Throttles) -> Iterator[str]:
    for key in sorted(live.keys() | planned.keys()):
        has, should = live.get(key, _NONE), planned.get(key, _NONE)
        if has != should:
            where = f"{name} {key}".rstrip()
            yield f"{where} has {_described(has)}, not {_described(should)}"


def _summary(name: str, live: Throttles) -> str:
    routes = len(live.keys() - {_STAGE})
    own = f" and {counted(routes, 'route')} with their own" if routes else ""
    return f"{name} {_described(live.get(_STAGE, _NONE))}{own}"


def _described(throttle: Throttle) -> str:
    rate, burst = throttle
    return "none" if rate is None else f"{rate:g} a second, burst {burst}"
