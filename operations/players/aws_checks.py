"""The model behind the characters, and the providers that sign players in."""

import base64
import json
import time
from typing import Any

import urllib3

from config.capabilities.players import Players
from config.paths import API_BASE_PATH
from lambdas.players.routes import ROUTES
from operations.findings import Broken, Skipped
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import SITE, capability, on_aws


@check(
    "characters' model",
    claim="The model of the characters exists in this region, and the account may call it.",
    laptop="A stand-in answers in place of Bedrock, and the emulator asks no grant for it.",
    good="The model is available, or the inference profile is ACTIVE.",
    needs=(capability("players"), on_aws("answers in place of Bedrock")),
)
def model(account: Account) -> str:
    character = account.environment.settings(Players).character
    if not character.model:
        raise Skipped("no model in Character(…): the characters sleep")
    client = account.client("bedrock")
    try:
        return _profile(client, character.model)
    except client.exceptions.ResourceNotFoundException:
        return _model(client, character.model)
    except client.exceptions.ValidationException:
        return _model(client, character.model)


def _profile(client: Any, name: str) -> str:
    status = client.get_inference_profile(inferenceProfileIdentifier=name)["status"]
    if status != "ACTIVE":
        raise Broken(f"the inference profile {name} is {status}", "choose another for model=…")
    return f"the inference profile {name} is ACTIVE"


def _model(client: Any, name: str) -> str:
    found = client.get_foundation_model_availability(modelId=name)
    wanted = {
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE",
    }
    wrong = [field for field, value in wanted.items() if found[field] != value]
    if wrong:
        raise Broken(
            f"{name}: {', '.join(f'{field} {found[field]}' for field in wrong)}",
            "ask for access to the model in Bedrock's console, or choose another region",
        )
    return f"{name} is available"


@check(
    "sign-in providers",
    claim="X and Privy answer the function that signs in: their certificates are trusted there.",
    laptop="Stand-ins answer over plain HTTP, so no certificate is checked.",
    good="Both refuse a proof that they have not issued; nothing is stored.",
    needs=(capability("players"), SITE),
)
def providers(account: Account) -> str:
    settings = account.environment.settings(Players)
    proofs = {
        "x": ({"code": "verify-aws", "codeVerifier": "v" * 43}, "proof_refused", settings.x),
        "privy": ({"token": _of_an_unknown_key()}, "proof_key_unknown", settings.privy),
    }
    given = {name: each for name, each in proofs.items() if each[2] is not None}
    if not given:
        raise Skipped("neither X nor Privy in Players(…)")
    for name, (proof, wanted, _) in given.items():
        found = _refusal(account, {"provider": name, **proof})
        if found != wanted:
            raise Broken(
                f"{name}: {found} where {wanted} is due",
                "the log of htmlgame-players-sign-in; for x, the client's id and secret",
            )
    return f"{', '.join(given)}: refused by the provider"


def _refusal(account: Account, proof: dict[str, str]) -> str:
    url = f"{account.site}{ROUTES.path('sign_in', API_BASE_PATH)}"
    with urllib3.PoolManager(retries=False, timeout=15) as pool:
        answer = pool.request("POST", url, json=proof)
    try:
        return str(json.loads(answer.data)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status}"


def _of_an_unknown_key() -> str:
    """It makes the function read the published keys."""
    header = {"alg": "ES256", "typ": "JWT", "kid": f"verify-aws-{time.time_ns()}"}
    parts = (json.dumps(header).encode(), b"{}", bytes(64))
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)
