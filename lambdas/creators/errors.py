"""Refusals of changes to projects."""

from lambdas.shared.http.errors import Conflict, Unprocessable


class ProjectChanged(Conflict):
    code = "project_changed"

    def __init__(self) -> None:
        super().__init__(
            "version: the project has changed since you read it; read it again, then change it"
        )


class TooManyProjects(Unprocessable):
    code = "too_many_projects"

    def __init__(self, most: int) -> None:
        super().__init__(f"a creator can have at most {most} projects; delete one first")
