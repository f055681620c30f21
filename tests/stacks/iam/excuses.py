"""Actions that are granted without one that they depend on, and why they can do without."""

from typing import Final

EXCUSES: Final[dict[tuple[str, str], str]] = {
    ("logs:PutSubscriptionFilter", "iam:PassRole"): (
        "Only streams take a role. A Lambda as destination has a permission of its own."
    ),
    ("cloudformation:DescribeStacks", "cloudformation:ListStacks"): (
        "The CDK's command line names the stack; only a request for all stacks lists them."
    ),
}
