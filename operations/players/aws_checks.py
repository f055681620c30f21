"""The model behind the characters."""

from typing import Any

from config.capabilities.players import Players
from operations.findings import Broken, Skipped
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import capability, on_aws


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
