"""How the RunTable stores what lasts for minutes or days: sessions, cached answers, and runs.

| PK | SK | |
|---|---|---|
| S#{id} | SESSION | a session of two stages |
| C#{hash} | ANSWER | a cached answer |
| L#{project}#{name} | {ms}#{id} | a run that failed or logged |
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

from lambdas.runner.errors import SessionOver, UnknownSession
from lambdas.runner.functions import MOST_EXECUTIONS
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable

_RUNS_KEPT_S: Final = 7 * 86_400
_SESSION_KEPT_S: Final = 3600
"""After its end, so that it can be asked how it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    id: str
    project: str
    name: str
    version: int
    user: str
    context: str
    """JSON."""
    created_ms: int
    expires_ms: int
    executions: int = 0
    last_ms: int = 0

    def to_json(self, now_ms: int) -> dict[str, Any]:
        over = now_ms >= self.expires_ms or self.executions >= MOST_EXECUTIONS
        return {
            "requestId": self.id,
            "languageTitle": self.name,
            "version": self.version,
            "userId": self.user,
            "createdMs": self.created_ms,
            "expiresMs": self.expires_ms,
            "lastExecutedMs": self.last_ms or None,
            "executionCount": self.executions,
            "status": "expired" if over else "active",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    id: str
    ms: int
    version: int
    user: str
    took_ms: str
    """As text, since DynamoDB's numbers are not Python's."""
    memory_kb: int
    cpu_ms: str = "0"
    code: str = ""
    message: str = ""
    stack: str = ""
    logs: tuple[tuple[str, str], ...] = ()
    edge_id: str = ""
    captured: dict[str, Any] | None = None
    """Of the request, where the function asks for it."""

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "ms": self.ms,
            "version": self.version,
            "userId": self.user,
            "tookMs": float(self.took_ms),
            "memoryKb": self.memory_kb,
            "cpuMs": float(self.cpu_ms),
            "error": {"code": self.code, "message": self.message, "stack": self.stack}
            if self.code
            else None,
            "logs": [{"level": level, "text": text} for level, text in self.logs],
            "edgeId": self.edge_id,
            "request": self.captured,
        }


class RunTable(MeteredTable):
    def begin(self, session: Session) -> None:
        item = asdict(session)
        del item["id"]
        self._put(
            {
                **_session_key(session.id),
                **item,
                "expires": session.expires_ms // 1000 + _SESSION_KEPT_S,
            },
            ConditionExpression="attribute_not_exists(PK)",
        )

    def session(self, session_id: str, project: str, name: str) -> Session:
        item = self._get(_session_key(session_id), consistent=True)
        if item is None or (item["project"], item["name"]) != (project, name):
            raise UnknownSession
        return _session(session_id, item)

    def execute(self, session_id: str, project: str, name: str, user: str, now_ms: int) -> Session:
        """Counts an execution and returns the session, in one write, however many come at once."""
        try:
            item = self._update(
                _session_key(session_id),
                UpdateExpression="ADD executions :one SET last_ms = :now",
                ConditionExpression=(
                    "#project = :project AND #name = :name AND #user = :user"
                    " AND expires_ms > :now AND executions < :most"
                ),
                ExpressionAttributeNames={
                    "#project": "project",
                    "#name": "name",
                    "#user": "user",
                },
                ExpressionAttributeValues={
                    ":one": 1,
                    ":now": now_ms,
                    ":project": project,
                    ":name": name,
                    ":user": user,
                    ":most": MOST_EXECUTIONS,
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failed:
            known = failed.item
            if known and (known["project"], known["name"], known["user"]) == (project, name, user):
                raise SessionOver from None
            raise UnknownSession from None
        return _session(session_id, item)

    def answer(self, key: str, now_s: int) -> str | None:
        item = self._get({"PK": f"C#{key}", "SK": "ANSWER"}, consistent=False)
        # DynamoDB deletes expired items hours late.
        return str(item["answer"]) if item is not None and item["expires"] > now_s else None

    def keep_answer(self, key: str, answer: str, expires_s: int) -> None:
        self._put({"PK": f"C#{key}", "SK": "ANSWER", "answer": answer, "expires": expires_s})

    def note(self, project: str, name: str, run: Run) -> None:
        self._put(
            {
                "PK": f"L#{project}#{name}",
                "SK": f"{run.ms:013d}#{run.id}",
                "version": run.version,
                "user": run.user,
                "tookMs": run.took_ms,
                "memoryKb": run.memory_kb,
                "cpuMs": run.cpu_ms,
                "code": run.code,
                "message": run.message,
                "stack": run.stack,
                "logs": [list(each) for each in run.logs],
                "edgeId": run.edge_id,
                "captured": run.captured,
                "expires": run.ms // 1000 + _RUNS_KEPT_S,
            }
        )

    def runs(self, project: str, name: str, *, limit: int, before: str = "") -> list[Run]:
        """The newest first."""
        query: dict[str, Any] = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": f"L#{project}#{name}"},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if before:
            query["KeyConditionExpression"] += " AND SK < :before"
            query["ExpressionAttributeValues"][":before"] = before
        return [_run(item) for item in self._query(query).items]


def _session_key(session_id: str) -> Item:
    return {"PK": f"S#{session_id}", "SK": "SESSION"}


def _session(session_id: str, item: Item) -> Session:
    return Session(
        id=session_id,
        project=item["project"],
        name=item["name"],
        version=item["version"],
        user=item["user"],
        context=item["context"],
        created_ms=item["created_ms"],
        expires_ms=item["expires_ms"],
        executions=item["executions"],
        last_ms=item["last_ms"],
    )


def _run(item: Item) -> Run:
    ms, _, run_id = item["SK"].partition("#")
    return Run(
        id=run_id,
        ms=int(ms),
        version=item["version"],
        user=item["user"],
        took_ms=item["tookMs"],
        memory_kb=item["memoryKb"],
        cpu_ms=item.get("cpuMs", "0"),
        code=item["code"],
        message=item["message"],
        stack=item["stack"],
        logs=tuple((each[0], each[1]) for each in item["logs"]),
        edge_id=item["edgeId"],
        captured=item.get("captured"),
    )
