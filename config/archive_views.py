"""The archive's SQL views.

A query must name a project. Each view has that column, so Athena reads no other project's files.
"""

from collections.abc import Iterator

from config.views import View, views_in


def archive_views() -> Iterator[View]:
    return views_in("archive-views")
