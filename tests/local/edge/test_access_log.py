"""The local edge writes the files that CloudFront writes: its fields, its names, its folders."""

import re
import time
from typing import Any

import pytest

from lambdas.insights.catalogue import Catalogue
from lambdas.insights.lines import FIELDS, row_of
from local.edge.access_log import Delivery, file_name, line_of
from local.edge.handled import Handled
from local.edge.messages import EdgeError, Request, Response

NOON = 1_795_262_400.0
DOCUMENTED = {
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)"),
    *("cs-uri-stem", "sc-status", "cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)"),
    *("x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes"),
    *("time-taken", "cs-protocol-version", "time-to-first-byte", "sc-content-type"),
    *("x-edge-response-result-type", "x-edge-detailed-result-type", "sc-content-len"),
    *("timestamp", "timestamp(ms)", "origin-fbl", "origin-lbl", "cache-behavior-path-pattern"),
}
"""CloudFront's names of fields: Developer Guide, standard logging reference, and its fields of
real-time logs that standard logs may have."""


def line(status: int = 200, cache: str = "Miss", **handled: Any) -> dict[str, str]:
    request = Request("GET", "/api/ranking/snake/all", "limit=3", (("host", "site"),), b"", "::1")
    kind = "application/json; charset=utf-8; code=busy"
    headers = (("content-type", kind), ("x-cache", f"{cache} from cloudfront"))
    happened = Handled(NOON, "GET", "/api", "request-1", ms=12.5, **handled)
    return line_of(request, Response(status, headers, b"{}"), happened)


def test_every_name_is_cloudfronts() -> None:
    assert set(line(origin="o", origin_status=200, behaviour="/api/*")) <= DOCUMENTED
    assert set(FIELDS) <= DOCUMENTED


def test_a_line_is_what_insights_reads() -> None:
    found = line(503, origin="o", origin_status=503, origin_ms=3.0)
    text = {field: found.get(field, "-") for field in FIELDS}
    row = row_of(str(text).replace("'", '"').encode(), Catalogue(), lambda _, __: "", 1 << 41)
    assert (row.id, row.ms, row.us) == ("request-1", 1_795_262_400_012, 12_500)
    assert (row.status, row.error, row.result, row.bytes) == (503, "busy", "Miss", 2)


def test_an_origin_is_named_only_if_it_was_asked() -> None:
    assert line(origin="o", origin_status=200, origin_ms=3.0)["origin-fbl"] == "0.003"
    assert "origin-fbl" not in line()["x-edge-result-type"]
    assert line()["origin-fbl"] == "-"


@pytest.mark.parametrize("cache", ["Hit", "RefreshHit", "Miss", "FunctionGeneratedResponse"])
def test_the_result_is_that_of_the_header(cache: str) -> None:
    assert line(cache=cache)["x-edge-result-type"] == cache


def test_a_request_that_could_not_be_read_has_an_id_of_its_own() -> None:
    error = EdgeError(414, "too long")
    handled = Handled(time.time(), "GET", "/")
    found = line_of(Request("GET", "/"), error.response, handled)
    assert re.fullmatch(r"[\w-]{40,}", found["x-edge-request-id"])
    assert (found["sc-status"], found["x-edge-result-type"]) == ("414", "Error")


def test_a_file_is_named_as_the_delivery_says() -> None:
    delivery = Delivery("E2EXAMPLE", "bucket", "logs", "{yyyy}/{MM}/{dd}/{HH}", ())
    name = file_name(delivery, NOON)
    assert re.fullmatch(r"logs/2026/11/21/12/E2EXAMPLE\.2026-11-21-12\.[0-9a-f]{8}\.gz", name)
    assert file_name(delivery, NOON) != name
