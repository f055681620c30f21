"""Submitting a score, and reading a ranking.

Each route has a throttle of its own. The edge sends a submission to one of several lanes, by the
player's address and the minute. Requests from one address fill the throttle of one lane. The
players in that lane have another one in the next minute, within the time to submit.
"""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    put_score="PUT /scores/{gameId}/{period}/{userId}",
    get_ranking="GET /ranking/{gameId}/{period}",
)
LANES: Final = 16
"""As many as cf_functions/lib/lanes.js chooses from."""
LANE_ROUTES: Final = Routes(
    **{
        f"lane_{lane}": f"PUT /scores-{lane}/{{gameId}}/{{period}}/{{userId}}"
        for lane in range(LANES)
    }
)
"""put_score again, once for each lane. CloudFront forwards none of them from a viewer."""
