"""Every command is on the reference page, with an example and each of its options."""

import tomllib
from collections.abc import Iterator

import click
import pytest

from local.bootstrap import ROOT
from operations.cli.main import root, run

PAGE = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
EVERYWHERE = {"--json", "--local", "--yes", "--dry-run"}


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


EVERY = dict(commands(root))
COMMANDS = {
    name: command
    for name, command in EVERY.items()
    if any("--local" in parameter.opts for parameter in command.params)
}
"""Commands that work on a deployed system, on AWS or on this machine."""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_has_an_example_and_the_options_of_a_command(name: str) -> None:
    heading = f"\n### {name}\n"
    assert heading in PAGE
    section = PAGE.partition(heading)[2].partition("\n## ")[0].partition("\n### ")[0]
    assert f"$ htmlgame {name}" in section
    options = {
        option
        for parameter in COMMANDS[name].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    missing = {option for option in options - EVERYWHERE if option not in section}
    assert not missing - {"--since"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_help_fits_a_terminal_and_says_what_it_does(name: str) -> None:
    command = COMMANDS[name]
    text = command.get_help(click.Context(command, info_name=name, max_content_width=80))
    assert command.help
    assert max(map(len, text.splitlines())) <= 80


def test_commands_that_need_aws_are_the_ones_that_make_calls() -> None:
    assert EVERY.keys() - COMMANDS.keys() == {
        *("account", "bootstrap", "cost", "deploy", "destroy", "diff", "preflight", "site"),
        *("smoke", "synth", "verify-aws"),
    }


def test_every_command_takes_json_and_local() -> None:
    for name, command in COMMANDS.items():
        given = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--local"} <= given, name


def test_the_version_is_the_projects(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"htmlgame {project['version']}\n"
