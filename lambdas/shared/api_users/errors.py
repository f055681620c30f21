"""Why requests of API users are refused."""

from lambdas.shared.http.errors import Conflict, Forbidden, TooMany, Unauthorized, Unknown


class MissingKey(Unauthorized):
    code = "key_missing"

    def __init__(self) -> None:
        super().__init__("Authorization: missing; send Bearer and the API key")


class InvalidKey(Unauthorized):
    code = "key_invalid"

    def __init__(self) -> None:
        super().__init__("Authorization: this is no API key; compare it with yours")


class UnknownKey(Unauthorized):
    code = "key_unknown"

    def __init__(self) -> None:
        super().__init__("Authorization: this API key is unknown or revoked; ask for a new one")


class ExpiredKey(Unauthorized):
    code = "key_expired"

    def __init__(self) -> None:
        super().__init__("Authorization: this API key has expired; ask for a new one")


class Inactive(Forbidden):
    code = "user_inactive"

    def __init__(self) -> None:
        super().__init__("this API user is switched off; ask an admin to switch it on")


class RoleNeeded(Forbidden):
    code = "role_needed"

    def __init__(self, action: str, roles: str) -> None:
        super().__init__(f"{action}: only for the role {roles}, or about yourself")


class TooManyRequests(TooMany):
    code = "too_many_requests"

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(
            f"more than {limit} requests in this minute; retry in {retry_after} s", retry_after
        )


class UnknownUser(Unknown):
    code = "unknown_user"

    def __init__(self, user_id: str) -> None:
        super().__init__(f"there is no API user {user_id!r}")


class UserExists(Conflict):
    code = "user_exists"

    def __init__(self, user_id: str) -> None:
        super().__init__(f"there is an API user {user_id!r} already; choose another id")


class UserChanged(Conflict):
    code = "user_changed"

    def __init__(self) -> None:
        super().__init__("the user was changed at the same moment; send the request again")


class TooManyKeys(Conflict):
    code = "too_many_keys"

    def __init__(self, most: int) -> None:
        super().__init__(f"the user has {most} live keys; revoke one first")


class UnknownUserKey(Unknown):
    code = "unknown_key"

    def __init__(self, prefix: str) -> None:
        super().__init__(f"the user has no key {prefix!r}")
