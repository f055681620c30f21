"""Rules for calls that AWS refuses and the emulator accepts, each with its source at AWS.

To add a rule, write another decorated function here, or in a module that Strictness.rule_modules
names.
"""

from local.strict.rules import (
    authorizers,
    distributions,
    functions,
    invalidations,
    key_value_stores,
    sizes,
    stages,
    transactions,
)

__all__ = [
    "authorizers",
    "distributions",
    "functions",
    "invalidations",
    "key_value_stores",
    "sizes",
    "stages",
    "transactions",
]
