"""What a host reads from control's answers."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from hosts.tunnels.program.control import Control


@contextmanager
def answering(date: str) -> Iterator[str]:
    """Control, whose answers say that it is this date."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.send_header("Date", date)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_host_whose_clock_is_a_day_off_still_talks_to_control_and_knows(days: int) -> None:
    with answering(formatdate(time.time() - days * 86_400, usegmt=True)) as url:
        control = Control(url, "agt_x")
        assert control.describe() == {}
    assert control.ahead_seconds == pytest.approx(days * 86_400, abs=5)


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Nov 2026 00:00:00 GMT"])
def test_a_date_that_nobody_can_read_is_no_complaint(date: str) -> None:
    with answering(date) as url:
        control = Control(url, "agt_x")
        control.describe()
    assert control.ahead_seconds == 0
