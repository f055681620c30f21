"""A rule of the tests' own: what Strictness.rule_modules loads."""

from local.strict.registry import Call, Refusal, refuses


@refuses("ssm:PutParameter", what="a parameter called /forbidden", source="tests")
def forbidden_name(call: Call) -> Refusal | None:
    if call.json.get("Name") == "/forbidden":
        return Refusal(400, "ValidationException", "/forbidden is not allowed.")
    return None
