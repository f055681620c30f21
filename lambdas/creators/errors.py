"""What can be wrong with a change of a project."""

from lambdas.shared.http.errors import Conflict, Unprocessable


class ProjectChanged(Conflict):
    code = "project_changed"

    def __init__(self) -> None:
        super().__init__("version: the project has changed since; read it again and decide anew")


class TooManyProjects(Unprocessable):
    code = "too_many_projects"

    def __init__(self, most: int) -> None:
        super().__init__(f"a creator has {most} projects at most; delete one first")
