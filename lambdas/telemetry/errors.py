"""What can be wrong with telemetry, in its own words."""

from lambdas.shared.errors import (
    Conflict,
    Forbidden,
    TooMany,
    Unauthorized,
    Unknown,
    Unprocessable,
)


class UnknownProject(Unknown):
    code = "unknown_project"

    def __init__(self) -> None:
        super().__init__("projectId: there is no such project here")


class BadToken(Unauthorized):
    code = "bad_token"

    def __init__(self) -> None:
        super().__init__("token: not one that was made here for this session; begin a new session")


class NoToken(BadToken):
    def __init__(self) -> None:
        Unauthorized.__init__(self, "Authorization: missing; send Bearer and the session's token")


class TokenExpired(Unauthorized):
    code = "token_expired"

    def __init__(self) -> None:
        super().__init__("token: expired; renew it before its expiresAt, or begin a new session")


class SessionOver(Unauthorized):
    code = "session_over"

    def __init__(self, hours: int) -> None:
        super().__init__(f"sessionId: a session lasts {hours} hours at most; begin a new one")


class EventNotAllowed(Unprocessable):
    code = "event_not_allowed"

    def __init__(self) -> None:
        super().__init__("eventName: not among the events that this project takes")


class UnknownItem(Unknown):
    code = "unknown_item"

    def __init__(self) -> None:
        super().__init__("id: there is no such item in this collection")


class NotYours(Forbidden):
    code = "not_yours"

    def __init__(self) -> None:
        super().__init__("id: only who made an item may change or delete it")


class IdTaken(Conflict):
    code = "id_taken"

    def __init__(self) -> None:
        super().__init__("id: another has this id already; make a fresh one")


class TooManyCollections(Unprocessable):
    code = "too_many_collections"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"collection: there are {most} already; more are only those that the project declares"
        )


class EventTwice(Unprocessable):
    code = "event_twice"

    def __init__(self) -> None:
        super().__init__("id: another event of this batch has it; each needs an id of its own")


class TooManyRequests(TooMany):
    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"more requests than are taken in a minute; send several events at once in a batch, "
            f"and the next in {retry_after} s",
            retry_after,
        )


class NoCreator(Forbidden):
    code = "no_creator"

    def __init__(self) -> None:
        super().__init__("Authorization: this token names no creator; sign in with an account")


class ProjectChanged(Conflict):
    code = "project_changed"

    def __init__(self) -> None:
        super().__init__("version: the project has changed since; read it again and decide anew")


class BeingErased(Conflict):
    code = "being_erased"

    def __init__(self) -> None:
        super().__init__("this creator is being erased; begin again when that is done")


class TooManyProjects(Unprocessable):
    code = "too_many_projects"

    def __init__(self, most: int) -> None:
        super().__init__(f"a creator has {most} projects at most; delete one first")


class TooManyKeys(Unprocessable):
    code = "too_many_keys"

    def __init__(self, most: int) -> None:
        super().__init__(f"key: there are {most} already, the most there can be; delete one first")


class UnknownKey(Unknown):
    code = "unknown_key"

    def __init__(self) -> None:
        super().__init__("key: there is none of this name")


class UnknownJob(Unknown):
    code = "unknown_job"

    def __init__(self) -> None:
        super().__init__("jobId: there is no such job here")
