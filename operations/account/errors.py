"""Explains exceptions of boto3 to people: the problem and the fix."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from botocore import exceptions as aws

from operations.account.network_errors import NETWORK, unreachable
from operations.account.settings import AwsSettings, aws_settings
from operations.docs.pages import DEPLOY
from operations.errors import AccountError, last_line

_EXPIRED: Final = {"ExpiredToken", "ExpiredTokenException"}
_UNKNOWN_KEYS: Final = {"InvalidClientTokenId", "UnrecognizedClientException"}
_SIGNATURE: Final = {
    "InvalidSignatureException",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
}
_OF_THE_MACHINE: Final = {"container-role", "iam-role"}
_MOST_SKEW_SECONDS: Final = 240
"""AWS accepts five minutes."""
_EXPORTED: Final = re.compile(r"\baws configure export-credentials\b.*?--profile[ =](\S+)")
_NOT_SIGNED_IN: Final = (aws.SSOTokenLoadError, aws.LoginTokenLoadError)
_SIGNED_OUT: Final = (
    aws.LoginRefreshRequired,
    aws.TokenRetrievalError,
    aws.UnauthorizedSSOTokenError,
)


def is_unknown_key(error: Exception) -> bool:
    return _code(error) in _UNKNOWN_KEYS


def explained(
    error: Exception, settings: AwsSettings, *, source: str | None = None
) -> AccountError | None:
    """None for an error that neither the credentials nor the network caused.

    The source is boto3's name for the provider of the credentials, if it found any.
    """
    match error:
        case aws.NoCredentialsError():
            return _no_credentials(settings)
        case _ if isinstance(error, _NOT_SIGNED_IN):
            return AccountError(f"nobody is signed in to {_named(settings)}", sign_in(settings))
        case _ if isinstance(error, _SIGNED_OUT):
            return AccountError(f"the sign-in of {_named(settings)} is over", sign_in(settings))
        case aws.CredentialRetrievalError():
            return _not_retrieved(error, settings)
        case _ if isinstance(error, NETWORK):
            return unreachable(error)
        case aws.ClientError():
            return _refused(error, settings, source)
        case _:
            return None


def account_problem(error: Exception) -> AccountError | None:
    """The same for an error of a session that is open already."""
    try:
        return explained(error, aws_settings())
    except AccountError as unusable:
        return unusable


def unforeseen(error: Exception, settings: AwsSettings) -> AccountError:
    """For any other error while credentials are fetched."""
    if "credential_process" in settings.of_profile and not isinstance(error, aws.BotoCoreError):
        return _process_failed(_what_python_says(error), settings)
    if isinstance(error, EOFError):
        return AccountError(
            f"{_named(settings)} asks for an MFA code, and there is no terminal to ask on",
            "run this in a terminal, or export credentials that are valid already",
        )
    return AccountError(
        f"the AWS settings of this shell do not work ({last_line(str(error) or repr(error))})",
        "aws configure list shows where each of them comes from",
    )


def sign_in(settings: AwsSettings, profile: str | None = None) -> str:
    """The command that signs in to the profile."""
    name = profile or settings.profile
    of_profile = settings.profiles.get(name or "default", {})
    option = f" --profile {name}" if name else ""
    if "login_session" in of_profile:
        return f"aws login{option}"
    return f"aws sso login{option}"


def _named(settings: AwsSettings) -> str:
    return f"profile {settings.profile}" if settings.profile else "the profile default"


def _no_credentials(settings: AwsSettings) -> AccountError:
    if settings.profile:
        return AccountError(
            f"profile {settings.profile} names no credentials",
            f"aws configure sso{settings.option}, or export AWS_PROFILE= with another",
        )
    if settings.profiles:
        names = ", ".join(sorted(settings.profiles)[:8])
        return AccountError("no AWS credentials", f"export AWS_PROFILE= with one of {names}")
    return AccountError(
        "no AWS credentials",
        f"aws configure sso, or aws login; see {DEPLOY}",
    )


def _not_retrieved(error: aws.CredentialRetrievalError, settings: AwsSettings) -> AccountError:
    details: dict[str, Any] = {**error.kwargs}
    provider, said = details["provider"], last_line(str(details["error_msg"]))
    if provider == "custom-process":
        return _process_failed(said, settings)
    if provider in _OF_THE_MACHINE:
        return AccountError(
            f"this machine's own role gives no credentials ({said})",
            "open a new shell there, or export AWS_PROFILE= with a profile of yours",
        )
    return AccountError(
        f"{_named(settings)} gives no credentials ({provider}: {said})",
        f"correct it in ~/.aws/config, or aws configure sso{settings.option}",
    )


def _process_failed(said: str, settings: AwsSettings) -> AccountError:
    problem = f"credential_process of {_named(settings)} fails ({said})"
    exported = _EXPORTED.search(settings.of_profile.get("credential_process", ""))
    if exported:
        return AccountError(problem, sign_in(settings, exported[1]))
    return AccountError(problem, "run that command of ~/.aws/config by hand, and correct it")


def _what_python_says(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no program {error.filename}"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, RuntimeError):
        return "its credentials have expired already"
    return "it prints no JSON such as credential_process is meant to"


def _refused(
    error: aws.ClientError, settings: AwsSettings, source: str | None
) -> AccountError | None:
    code, said = _code(error), last_line(str(error.response["Error"].get("Message", "")))
    if code in _EXPIRED:
        return AccountError("the AWS credentials have expired", _renew(settings, source))
    if code in _UNKNOWN_KEYS:
        return AccountError(f"AWS does not know these keys ({code})", _renew(settings, source))
    if code in _SIGNATURE:
        return _wrong_signature(error, settings, source)
    if error.operation_name.startswith("AssumeRole"):
        role = settings.of_profile.get("role_arn", "its role")
        return AccountError(
            f"{_named(settings)} may not assume {role} ({code})",
            "have its trust policy name you, or export AWS_PROFILE= with another",
        )
    if error.operation_name == "GetRoleCredentials":
        return AccountError(
            f"IAM Identity Center does not give you the role of {_named(settings)} ({code})",
            "have an administrator assign it to you, or export AWS_PROFILE= with another",
        )
    if code == "OptInRequired":
        return AccountError(
            "this AWS account is not active yet",
            "finish its sign-up at https://portal.aws.amazon.com/billing/signup",
        )
    if error.operation_name == "GetCallerIdentity":
        return AccountError(
            f"AWS does not say whose credentials these are ({code}: {said})",
            _renew(settings, source),
        )
    return None


def _wrong_signature(
    error: aws.ClientError, settings: AwsSettings, source: str | None
) -> AccountError:
    off = _clock_is_off(error)
    if abs(off) > _MOST_SKEW_SECONDS:
        way = "ahead of" if off > 0 else "behind"
        return AccountError(
            f"this machine's clock is {abs(off) / 60:.0f} minutes {way} that of AWS",
            "set it: sudo timedatectl set-ntp true, or in the system's settings",
        )
    return AccountError("the secret key is not that of the access key", _renew(settings, source))


def _clock_is_off(error: aws.ClientError) -> float:
    date = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    if date is None:
        return 0
    return (datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()


def _renew(settings: AwsSettings, source: str | None) -> str:
    if source == "env":
        return (
            "export a new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, "
            "or unset all three to use a profile"
        )
    if source in {"shared-credentials-file", "config-file"}:
        name = settings.profile or "default"
        return f"write new keys into [{name}] of ~/.aws/credentials, or export AWS_PROFILE="
    exported = _EXPORTED.search(settings.of_profile.get("credential_process", ""))
    return sign_in(settings, exported[1] if exported else None)


def _code(error: Exception) -> str:
    return (
        str(error.response["Error"].get("Code", "")) if isinstance(error, aws.ClientError) else ""
    )
