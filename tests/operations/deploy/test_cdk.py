"""A log keeps the CDK's output; after a failure, the lines with the reason are shown."""

import sys
from pathlib import Path

import pytest

from local.bootstrap import ROOT
from operations.deploy.cdk import CdkError, refuse_unattended, what_failed
from tests.checkout import Checkout, checkout

FAILED_STACK = """\
ScoreApiStack: creating CloudFormation changeset...
ScoreApiStack |  3/31 | 5:05:08 PM | CREATE_IN_PROGRESS | AWS::Logs::MetricFilter | failures0-lines
ScoreApiStack |  4/31 | 5:05:08 PM | CREATE_FAILED | AWS::DynamoDB::Table | ScoreTable Limit

 ❌  ScoreApiStack failed: ToolkitError: The stack named ScoreApiStack failed creation
    at FullCloudFormationDeployment.monitorDeployment (node_modules/aws-cdk/lib/index.js:1:2)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
"""
FAILED_ASSET = """\
WARNING Ignoring 'minimumProtocolVersion': no effect (Annotation)
   FrontStack/Distribution aws-cdk-lib.aws_cloudfront.Distribution
ScoreApiStack: start: Publishing PutScore/Code
FrontStack: fail: Bucket named 'cdk-assets' is not ours
Failed to publish asset FrontStack Template
‣ AggregateError:
"""
OBJECTION = """\
ERROR The CloudFront distribution does not have access logging enabled. (AwsSolutions)
   FrontStack/Distribution/Resource aws-cdk-lib.aws_cloudfront.CfnDistribution
   Acknowledge with 'AwsSolutions::AwsSolutions-CFR3'

WARNING The CloudFront distribution may require Geo restrictions. (AwsSolutions)
   FrontStack/Distribution/Resource aws-cdk-lib.aws_cloudfront.CfnDistribution
   Acknowledge with 'AwsSolutions::AwsSolutions-CFR1'
Synthesis finished with errors
"""
TRACEBACK = f"""\
jsii has warned of something
Traceback (most recent call last):
  File "{ROOT}/app.py", line 10, in <module>
    from config.environments import environment_named
  File "{ROOT}/config/environments.py", line 73, in <module>
    DELIVERED: Final = Environment(
                       ^^^^^^^^^^^^
TypeError: unexpected keyword argument 'foo'
python app.py: Subprocess exited with error 1
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            FAILED_STACK,
            [
                (
                    "ScoreApiStack |  4/31 | 5:05:08 PM | CREATE_FAILED | AWS::DynamoDB::Table | "
                    "ScoreTable Limit"
                ),
                (
                    " ❌  ScoreApiStack failed: ToolkitError: The stack named ScoreApiStack failed "
                    "creation"
                ),
            ],
        ),
        (
            FAILED_ASSET,
            [
                ("FrontStack: fail: Bucket named 'cdk-assets' is not ours"),
                "Failed to publish asset FrontStack Template",
            ],
        ),
        (OBJECTION, OBJECTION.splitlines()[:3]),
        (
            TRACEBACK,
            [
                (
                    "TypeError: unexpected keyword argument 'foo' (File "
                    '"config/environments.py", line 73, in <module>)'
                )
            ],
        ),
        ("\x1b[31mnot \x1b[1mfound\x1b[0m\n", ["not found"]),
        ("", [""]),
    ],
)
def test_of_all_that_is_said_the_reason_is_found(said: str, told: list[str]) -> None:
    assert what_failed(said.splitlines()) == "\n".join(told)


@pytest.fixture
def game(tmp_path: Path) -> Checkout:
    made = checkout(tmp_path, installed=True)
    (made.path / "node_modules").symlink_to(ROOT / "node_modules")
    made.environment["AWS_REGION"] = "us-east-1"
    return made


def test_an_app_that_exits_is_reported_in_its_own_words(game: Checkout) -> None:
    said = game.module("operations", "synth", "-c", "environment=moon")
    assert said.code == 1
    assert said.err.splitlines() == [
        "-c environment=moon: one of production, delivered, complete, local",
        "(log: .build/cdk-synth.log)",
    ]
    assert [line[0] for line in said.out.splitlines()] == ["…", "✗"]
    kept = (game.path / ".build" / "cdk-synth.log").read_text(encoding="utf-8")
    assert "Subprocess exited with error 1" in kept


def test_nothing_is_deleted_without_a_terminal_to_ask_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    with pytest.raises(CdkError, match="make destroy asks before it deletes, and there is no"):
        refuse_unattended(["--all"])
    refuse_unattended(["--all", "--force"])
