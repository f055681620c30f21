"""Returns a project's secrets to its server, which invokes this function with {projectId}.

No HTTP route leads here: IAM decides who may invoke it. The answer holds values in plain text,
{"env": {…}}, or {"error": {code, message}} for an unknown project.
"""

from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.secrets.env_vars import creator_owner, project_owner
from lambdas.secrets.settings import ResolveEnvSettings
from lambdas.secrets.table import SecretTable
from lambdas.secrets.vault import Vault
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.errors import Malformed, Refusal
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import Creators
from lambdas.shared.values.uuids import is_uuid

settings = ResolveEnvSettings.from_environment()
logger = Logger(service="resolve-env")
client = boto3.client("dynamodb", config=CONFIG)
creators = Creators(client, settings.creator_table)
secrets = SecretTable(client, settings.secret_table)
vault = Vault(boto3.client("kms", config=CONFIG))


def handler(event: dict[str, Any], _context: Any) -> dict[str, dict[str, str]]:
    try:
        project = _project(event.get("projectId"))
    except Refusal as refusal:
        logger.info("refused", refused=refusal.code)
        return {"error": {"code": refusal.code, "message": str(refusal)}}
    env = _resolved(project)
    logger.info("resolved", project=project.id, keys=len(env))
    return {"env": env}


def _project(project_id: Any) -> Project:
    if not is_uuid(project_id):
        raise Malformed("projectId", "not a UUID")
    return creators.read(project_id.lower())


def _resolved(project: Project) -> dict[str, str]:
    """For each key that the project lists, its own value, or else its creator's."""
    owners = (project_owner(project.id), creator_owner(project.creator_id))
    found = secrets.sealed([(owner, key) for owner in owners for key in project.injectable])
    env = {}
    for key in project.injectable:
        owner = next((owner for owner in owners if (owner, key) in found), None)
        if owner is not None:
            env[key] = vault.open(found[owner, key], owner=owner, key=key)
    return env
