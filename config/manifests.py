"""Every capability's manifest. All rooms iterate over them."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final

from config.capabilities import NAMES
from config.manifest import Capability, Function, Pattern
from config.model import CapabilitySettings, ConfigError
from config.names import CI_STACK, FRONT_STACK, OPS_STACK

if TYPE_CHECKING:
    from config.environments import Environment


def _loaded() -> Iterator[Capability]:
    for name in NAMES:
        capability: Capability = import_module(f"config.capabilities.{name}").CAPABILITY
        if capability.name != name:
            raise ConfigError(
                f"config/capabilities/{name}.py", "name", f"{capability.name!r} is not {name!r}"
            )
        yield capability


CAPABILITIES: Final = tuple(_loaded())
FUNCTIONS: Final = tuple(function for each in CAPABILITIES for function in each.functions)


def named(name: str) -> Capability:
    return next(each for each in CAPABILITIES if each.name == name)


def host_of(capability: Capability) -> Capability:
    """The capability that has the stack."""
    return named(capability.host) if capability.host else capability


def hosted_by(host: Capability) -> tuple[Capability, ...]:
    """The capabilities that the host's stack deploys, itself first."""
    return tuple(each for each in CAPABILITIES if host_of(each) is host)


def patterns_of(host: Capability) -> tuple[Pattern, ...]:
    """The paths that the distribution sends to the host's API."""
    return tuple(pattern for each in hosted_by(host) for pattern in each.patterns)


def writer_of(parameter: str) -> Capability:
    """The capability that writes the SSM parameter."""
    return next(each for each in CAPABILITIES if parameter in each.all_parameters)


def enabled(environment: "Environment") -> tuple[Capability, ...]:
    """The capabilities that this environment switches on."""
    return tuple(each for each in CAPABILITIES if is_enabled(each, environment))


def is_enabled(capability: Capability, environment: "Environment") -> bool:
    if capability.host and not is_enabled(named(capability.host), environment):
        return False
    if capability.always:
        return True
    return capability.settings is not None and environment.given(capability.settings) is not None


def erasables(capabilities: Sequence[Capability] = CAPABILITIES) -> Iterator[Capability]:
    """The capabilities that declare, in a module `erasable`, what they hold of people."""
    return (each for each in capabilities if any(table.eraser_may for table in each.tables))


def forgettables(capabilities: Sequence[Capability] = CAPABILITIES) -> Iterator[Capability]:
    """Those that declare, in a module `forgettable`, what they hold of a signed-in person."""
    return (each for each in capabilities if any(table.forgetter_may for table in each.tables))


def eraser() -> Function:
    """The function that erases what every capability holds of a creator or a project."""
    return next(each for each in FUNCTIONS if each.erases)


def stacks() -> tuple[str, ...]:
    """Every stack that any environment deploys, each before the stacks that read what it wrote."""
    own = [each for each in CAPABILITIES if not each.host]
    # A stack without an endpoint sends requests to the endpoints of the others.
    after_endpoints = sorted(own, key=lambda each: not each.endpoints)
    return (FRONT_STACK, *(each.stack for each in after_endpoints), OPS_STACK, CI_STACK)


def settings_classes() -> dict[str, type[CapabilitySettings]]:
    """The classes that `capabilities` of an environment takes, by their names."""
    return {each.settings.__name__: each.settings for each in CAPABILITIES if each.settings}
