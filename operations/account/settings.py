"""The AWS profile and region of this shell, from its files and variables.

Standard library only: this runs before anything is installed, and without network. AWS may still
refuse the settings; operations/account/identity.py asks AWS.
"""

import configparser
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from config.pins import Pinned
from operations.errors import AccountError

_REGION: Final = re.compile(r"[a-z]{2,5}(-[a-z]+)+-[0-9]")
_ZONE: Final = re.compile(rf"({_REGION.pattern})[a-z]")
_MOST_NAMES: Final = 8
_EXAMPLE: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class AwsSettings:
    profile: str | None
    """The named profile; None for the profile `default`, if there is one."""
    region: str | None
    profiles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The settings of each profile, without credentials."""

    @property
    def of_profile(self) -> Mapping[str, str]:
        return self.profiles.get(self.profile or "default", {})

    @property
    def option(self) -> str:
        """The option that gives the AWS CLI the same profile."""
        return f" --profile {self.profile}" if self.profile else ""


def aws_settings(given: Mapping[str, str] = os.environ) -> AwsSettings:
    """Raises AccountError for settings that no AWS program accepts."""
    profiles, stray = _profiles(given)
    profile = _profile(given, profiles, stray)
    _refuse_half_or_old_keys(given)
    _refuse_missing_bundle(given)
    of_profile = profiles.get(profile or "default", {})
    region = given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or of_profile.get("region")
    return AwsSettings(profile, region, profiles)


def check_settings(environment: Pinned, given: Mapping[str, str] = os.environ) -> AwsSettings:
    """The same, with a region. If config/environments.py names a region, it must be that one."""
    settings = aws_settings(given)
    _refuse_region(settings, given)
    if environment.region not in {None, settings.region}:
        raise AccountError(
            f"region {settings.region}, but config/environments.py says {environment.region}",
            f"export AWS_REGION={environment.region}",
        )
    return settings


def _profiles(given: Mapping[str, str]) -> tuple[dict[str, dict[str, str]], set[str]]:
    """The profiles by name, and the config file's sections without the word profile."""
    profiles: dict[str, dict[str, str]] = {}
    stray: set[str] = set()
    for section, values in _sections(_path(given, "AWS_CONFIG_FILE", "config")).items():
        kind, _, name = section.partition(" ")
        if section == "default":
            profiles[section] = values
        elif kind == "profile" and name:
            profiles[name.strip(" '\"")] = values
        elif not name:
            stray.add(section)
    credentials = _path(given, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
    for section, values in _sections(credentials).items():
        profiles[section] = profiles.get(section, {}) | values
    return profiles, stray - profiles.keys()


def _path(given: Mapping[str, str], variable: str, name: str) -> Path:
    return Path(os.path.expandvars(given.get(variable) or f"~/.aws/{name}")).expanduser()


def _sections(path: Path) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser()
    try:
        if not path.is_file():
            return {}
        parser.read_string(path.read_text(encoding="utf-8"))
    except PermissionError:
        fix = f"sudo chown $(id -un) {path}, or chmod u+r {path}"
        raise AccountError(f"{path}: this user may not read it", fix) from None
    except UnicodeDecodeError as error:
        problem = f"{path}: byte {error.start} is not UTF-8"
        raise AccountError(problem, "save the file as UTF-8 text") from None
    except configparser.Error as error:
        fix = "each line is [section] or key = value, and each section and key stands once"
        # The message of the parser would quote the line, and that may hold a key.
        raise AccountError(f"{path}{_line(error)}: the file is malformed", fix) from None
    return {name: _plain(parser.items(name)) for name in parser.sections()}


def _plain(items: list[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in items if not name.startswith("aws_")}


def _line(error: configparser.Error) -> str:
    errors = getattr(error, "errors", ())
    number = errors[0][0] if errors else getattr(error, "lineno", None)
    return f", line {number}" if number else ""


def _profile(
    given: Mapping[str, str], profiles: Mapping[str, object], stray: set[str]
) -> str | None:
    named = {
        variable: given[variable]
        for variable in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
        if variable in given
    }
    if len(set(named.values())) > 1:
        both = " and ".join(f"{variable}={value}" for variable, value in named.items())
        raise AccountError(f"{both} name two profiles", "unset AWS_DEFAULT_PROFILE")
    for variable, profile in named.items():
        if not profile:
            raise AccountError(f"{variable} is set, but empty", f"unset {variable}")
        if profile not in profiles:
            raise _no_profile(variable, profile, profiles, stray)
        return profile
    return None


def _no_profile(
    variable: str, profile: str, profiles: Mapping[str, object], stray: set[str]
) -> AccountError:
    problem = f"{variable}={profile}: there is no such profile in ~/.aws/config"
    if profile in stray:
        return AccountError(
            f"{problem}, only a section [{profile}]", f"write it as [profile {profile}]"
        )
    if not profiles:
        return AccountError(problem, f"aws configure sso --profile {profile}, or unset {variable}")
    names = sorted(profiles)
    more = ", …" if len(names) > _MOST_NAMES else ""
    known = ", ".join(names[:_MOST_NAMES]) + more
    return AccountError(
        problem, f"export {variable}= with one of {known}, or aws configure sso --profile {profile}"
    )


def _refuse_half_or_old_keys(given: Mapping[str, str]) -> None:
    if given.get("AWS_ACCESS_KEY_ID") and not given.get("AWS_SECRET_ACCESS_KEY"):
        raise AccountError(
            "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY",
            "export both, or unset AWS_ACCESS_KEY_ID to use a profile",
        )
    until = given.get("AWS_CREDENTIAL_EXPIRATION")
    if until and given.get("AWS_ACCESS_KEY_ID") and _is_over(until):
        raise AccountError(
            f"the AWS keys in this shell expired at {until}",
            "export new ones, or unset AWS_ACCESS_KEY_ID to use a profile",
        )


def _refuse_missing_bundle(given: Mapping[str, str]) -> None:
    bundle = given.get("AWS_CA_BUNDLE")
    if bundle and not Path(bundle).is_file():
        raise AccountError(
            f"AWS_CA_BUNDLE={bundle}: there is no such file",
            "correct the path, or unset AWS_CA_BUNDLE",
        )


def _is_over(moment: str) -> bool:
    try:
        return datetime.fromisoformat(moment) <= datetime.now(UTC)
    except (ValueError, TypeError):
        # Not a moment, or one without a time zone: AWS will judge the keys.
        return False


def _refuse_region(settings: AwsSettings, given: Mapping[str, str]) -> None:
    region = settings.region
    if region is None:
        where = f", and profile {settings.profile} names none" if settings.profile else ""
        raise AccountError(
            f"no AWS region{where}", f"export AWS_REGION={_EXAMPLE}, or another of yours"
        )
    if _REGION.fullmatch(region):
        return
    variables = [name for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if given.get(name)]
    source = f"{variables[0]}={region}" if variables else f"region = {region} in ~/.aws/config"
    zone = _ZONE.fullmatch(region)
    problem = "is an availability zone" if zone else f"is not a region such as {_EXAMPLE}"
    fix = f"export AWS_REGION={zone[1] if zone else _EXAMPLE}"
    raise AccountError(f"{source} {problem}", fix)
