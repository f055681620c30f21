"""The KMS key that seals creators' secrets."""

from operations.cli.output import counted
from operations.findings import Broken
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import capability


@check(
    "key rotation",
    claim="The KMS key that seals creators' secrets is enabled and rotates every year.",
    laptop="The emulator rotates nothing.",
    good="Enabled, with rotation on.",
    needs=(capability("secrets"),),
)
def key_rotation(account: Account) -> str:
    keys = [each.physical_id for each in account.resources("AWS::KMS::Key")]
    client = account.client("kms")
    for key in keys:
        state = client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        if state != "Enabled":
            raise Broken(
                f"{key} is {state}", f"aws kms cancel-key-deletion or enable-key --key-id {key}"
            )
        if not client.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]:
            raise Broken(f"{key} does not rotate", f"aws kms enable-key-rotation --key-id {key}")
    return f"{counted(len(keys), 'key')} enabled, with rotation on"
