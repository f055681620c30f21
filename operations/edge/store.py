"""The edge's key-value store of the target."""

from config import names
from config.capabilities import edge as edge_manifest
from lambdas.shared.edge_store import EdgeStore
from operations.cli.session import Session


class Store(EdgeStore):
    def __init__(self, session: Session) -> None:
        self.arn = session.parameter(names.EDGE_STORE_ARN, edge_manifest.CAPABILITY.stack)
        super().__init__(session.target.key_value_store, self.arn)
