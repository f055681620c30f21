"""What the workflows write for people: a comment, a summary, an issue. Standard library only.

Texts come from the environment, from files or standard input, never from a command line, and
are printed in a fence that they cannot close.
"""

import json
import os
import re
import secrets
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

_MOST_BYTES: Final = 60_000
"""GitHub accepts 65,536 characters in a comment, and Linux 128 KiB in a variable."""
_MOST_SUMMARY_BYTES: Final = 200_000
_PAGE: Final = 100
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_DIFF_MARK: Final = "<!-- htmlgame diff -->"
_REPORT_MARK: Final = "<!-- htmlgame report -->"
_BAD: Final = {"failure": "failed", "cancelled": "was cancelled or timed out"}
"""GitHub also reports a job that timed out as cancelled."""


class GitHubError(Exception):
    """A request that GitHub refused, and why."""


class GitHub:
    def __init__(self, environment: dict[str, str]) -> None:
        self._api = environment.get("GITHUB_API_URL", "https://api.github.com")
        self._repository = environment["GITHUB_REPOSITORY"]
        self._token = environment["GITHUB_TOKEN"]

    def ask(self, method: str, path: str, content: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self._api}/repos/{self._repository}{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(300).decode(errors="replace")
            raise GitHubError(f"{method} {path}: {error.code} {said}") from error
        except urllib.error.URLError as error:
            raise GitHubError(f"{method} {path}: {error.reason}") from error

    def marked(self, path: str, mark: str) -> Any:
        """The first of a list that begins with the mark, or None."""
        return next((item for item in self._all(path) if _begins(item, mark)), None)

    def _all(self, path: str) -> Iterator[Any]:
        separator = "&" if "?" in path else "?"
        for page in range(1, 100):
            items = self.ask("GET", f"{path}{separator}per_page={_PAGE}&page={page}")
            yield from items
            if len(items) < _PAGE:
                return


def _begins(item: Any, mark: str) -> bool:
    """Only comments of workflows count: everybody can write the mark into a comment."""
    bot = item["user"]["login"] == "github-actions[bot]"
    return bot and (item.get("body") or "").startswith(mark)


def fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def plain(text: str, most: int) -> str:
    """Without colours. A text that is too long is cut at its start, since errors are at its end."""
    encoded = _ANSI.sub("", text).encode()
    if len(encoded) <= most:
        return encoded.decode()
    return f"… ({len(encoded) - most:,} bytes before this)\n" + encoded[-most:].decode(
        errors="ignore"
    )


def output(name: str, text: str, environment: dict[str, str]) -> None:
    """Writes a step's output of several lines, with an end mark that no text can contain."""
    end = f"end-{secrets.token_hex(16)}"
    with Path(environment["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
        outputs.write(f"{name}<<{end}\n{plain(text, _MOST_BYTES)}\n{end}\n")


def comment(github: GitHub, environment: dict[str, str]) -> None:
    number = int(environment["PULL_REQUEST"])
    diff = environment.get("DIFF", "").strip()
    said = fenced(diff) if diff else "There is no diff to show; the run says why."
    body = f"{_DIFF_MARK}\n### What deploying this would change\n\n{said}\n\n{_run(environment)}"
    path = f"/issues/{number}/comments"
    earlier = github.marked(path, _DIFF_MARK)
    if earlier is None:
        github.ask("POST", path, {"body": body})
    else:
        github.ask("PATCH", f"/issues/comments/{earlier['id']}", {"body": body})


def summary(files: Sequence[str], environment: dict[str, str]) -> None:
    with Path(environment["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as target:
        for name in files:
            path = Path(name)
            title = path.stem.capitalize()
            if path.is_file():
                text = plain(path.read_text(encoding="utf-8"), _MOST_SUMMARY_BYTES)
                target.write(f"### {title}\n\n{fenced(text)}\n\n")
            else:
                target.write(f"### {title}\n\nnot reached\n\n")


def report(github: GitHub, environment: dict[str, str]) -> None:
    """Opens an issue while deploys fail; the next deploy that succeeds closes it."""
    results = {name: environment[name.upper()] for name in ("check", "build", "deploy", "publish")}
    bad = [f"{name} {_BAD[result]}" for name, result in results.items() if result in _BAD]
    if "failure" not in results.values() and bad and _superseded(github, environment):
        return
    issue = github.marked("/issues?state=open", _REPORT_MARK)
    if bad:
        said = f"{' and '.join(bad)} at {_commit(environment)}. {_run(environment)}"
        if issue is None:
            body = f"{_REPORT_MARK}\n{said}\n\nWhat to do: docs/operate/troubleshooting.md"
            github.ask("POST", "/issues", {"title": "Deploying fails", "body": body})
        else:
            github.ask("POST", f"/issues/{issue['number']}/comments", {"body": said})
    elif issue is not None and results["deploy"] == "success":
        said = f"Deployed {_commit(environment)}. {_run(environment)}"
        github.ask("POST", f"/issues/{issue['number']}/comments", {"body": said})
        github.ask("PATCH", f"/issues/{issue['number']}", {"state": "closed"})


def _superseded(github: GitHub, environment: dict[str, str]) -> bool:
    """Whether a later push is waiting, whose run will report the result."""
    latest = github.ask("GET", f"/git/ref/heads/{environment['GITHUB_REF_NAME']}")
    return bool(latest["object"]["sha"] != environment["GITHUB_SHA"])


def _commit(environment: dict[str, str]) -> str:
    return environment["GITHUB_SHA"]


def _run(environment: dict[str, str]) -> str:
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    repository, run = environment["GITHUB_REPOSITORY"], environment["GITHUB_RUN_ID"]
    return f"[The run]({server}/{repository}/actions/runs/{run})"


def main(arguments: Sequence[str] | None = None) -> None:
    environment = dict(os.environ)
    match list(sys.argv[1:] if arguments is None else arguments):
        case ["output", name]:
            output(name, sys.stdin.read(), environment)
        case ["summary", *files] if files:
            summary(files, environment)
        case ["comment"]:
            comment(GitHub(environment), environment)
        case ["report"]:
            report(GitHub(environment), environment)
        case _:
            sys.exit("one of: output NAME, summary FILE…, comment, report")


if __name__ == "__main__":
    try:
        main()
    except GitHubError as error:
        sys.exit(str(error))
