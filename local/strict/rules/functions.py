"""CloudFront Functions."""

import base64
from typing import Final

from local.strict.distribution_config import GUIDE, text
from local.strict.registry import Call, Refusal, refuses

_MOST_FUNCTION_BYTES: Final = 10 * 1024


@refuses(
    "cloudfront:CreateFunction",
    "cloudfront:UpdateFunction",
    "AWS::CloudFront::Function",
    what="a CloudFront function larger than 10 KB, comments included",
    source=f"{GUIDE}/cloudfront-limits.html#limits-functions",
)
def function_size(call: Call) -> Refusal | None:
    if len(_function_code(call)) <= _MOST_FUNCTION_BYTES:
        return None
    return Refusal(
        413,
        "FunctionSizeLimitExceeded",
        "The function is too large. For more information, see Quotas (formerly known as limits) "
        "in the Amazon CloudFront Developer Guide.",
    )


def _function_code(call: Call) -> bytes:
    if call.properties is not None:
        return str(call.properties.get("FunctionCode", "")).encode()
    root = call.xml
    try:
        return b"" if root is None else base64.b64decode(text(root, "FunctionCode"))
    except ValueError:
        return b""
