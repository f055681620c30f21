"""What each role may do about itself and about others: the whole table."""

import pytest

from lambdas.shared.api_users.access import ABOUT_ALL, Principal
from lambdas.shared.api_users.errors import RoleNeeded

MATRIX = {
    #                     user         readonly     admin
    #                     own  other   own  other   own  other
    "read functions": "   yes  yes     yes  yes     yes  yes",
    "read usage": "       yes  no      yes  yes     yes  yes",
    "read requests": "    yes  no      yes  yes     yes  yes",
    "read users": "       yes  no      yes  yes     yes  yes",
    "change users": "     no   no      no   no      yes  yes",
    "make keys": "        no   no      no   no      yes  yes",
    "revoke keys": "      yes  no      yes  no      yes  yes",
    "read sources": "     yes  no      yes  yes     yes  yes",
    "change sources": "   yes  no      no   no      yes  yes",
    "run functions": "    yes  no      no   no      yes  yes",
}
CELLS = [
    (action, role, owner, allowed == "yes")
    for action, row in MATRIX.items()
    for (role, owner), allowed in zip(
        [(role, owner) for role in ("user", "readonly", "admin") for owner in ("me", "other")],
        row.split(),
        strict=True,
    )
]


@pytest.mark.parametrize(("action", "role", "owner", "allowed"), CELLS)
def test_a_role_may_do_what_the_table_says(
    action: str, role: str, owner: str, *, allowed: bool
) -> None:
    principal = Principal("me", role, 100)
    assert principal.may(action, owner) == allowed
    if not allowed:
        with pytest.raises(RoleNeeded, match=action):
            principal.must(action, owner)


def test_the_table_has_every_action() -> None:
    assert set(MATRIX) == set(ABOUT_ALL)


@pytest.mark.parametrize("action", MATRIX)
def test_nothing_that_has_no_owner_is_ones_own(action: str) -> None:
    assert Principal("me", "user", 100).may(action) == ("user" in ABOUT_ALL[action])
