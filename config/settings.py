"""Settings that several capabilities read. A capability's own settings may extend them."""

import re
from dataclasses import field
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from config.model import model

_ISSUER: Final = re.compile(r"(https://[^\s/?#]+|http://[^\s/?#]+\.localhost)(/[^\s/?#]+)*/?")

LOCAL_ISSUER: Final = "http://issuer.htmlgame.localhost/auth/v1"
"""Every local cloud resolves it to the issuer that it started with."""


def _issuer(address: str) -> str:
    if not _ISSUER.fullmatch(address):
        raise ValueError(f"{address!r} is not an address, such as https://abc.supabase.co/auth/v1")
    return address


def _audience(audience: str) -> str:
    if not audience:
        raise ValueError("empty; Supabase's is authenticated")
    return audience


@model
class Throttle:
    """The limits of one HTTP API, or of one of its routes."""

    requests_per_second: Annotated[float, Field(ge=1)] = 20
    burst: Annotated[int, Field(ge=1)] = 40


@model
class SignIn:
    """Creators sign in at the issuer, whose tokens must name the audience."""

    issuer: Annotated[str, AfterValidator(_issuer)]
    """For Supabase: https://<project>.supabase.co/auth/v1"""
    audience: Annotated[str, AfterValidator(_audience)] = "authenticated"
    sign_in_key: str = ""
    """Supabase's publishable key. The creators' page signs in with it; it is not a secret."""
    creators: Throttle = field(default_factory=Throttle)
    """Of each route that only creators may call. Players' requests do not count against it."""


@model
class VisitorRates:
    """How often one visitor may send."""

    address_requests_a_minute: Annotated[int, Field(ge=1)] = 60
    session_requests_a_minute: Annotated[int, Field(ge=1)] = 60
