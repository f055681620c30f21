"""make docs: writes the generated tables into their pages."""

import re
import sys
from pathlib import Path
from typing import Final

from operations.costs import page as cost_page
from operations.docs import pages
from operations.rooms import ROOT
from operations.verify_aws import page as verify_page

GENERATED: Final = {
    ROOT / pages.COSTS: cost_page.sections,
    ROOT / pages.PROVEN: verify_page.sections,
}
"""Each page, and the function that generates its sections by name."""


class PageError(Exception):
    """The markers of a page do not match the sections generated for it."""


def main() -> None:
    fresh = {path: _fresh(path) for path in GENERATED}
    for path, content in fresh.items():
        path.write_text(content, encoding="utf-8")
        print(f"written: {path.relative_to(ROOT)}")


def _fresh(path: Path) -> str:
    try:
        return rendered(path.read_text(encoding="utf-8"), GENERATED[path]())
    except PageError as error:
        sys.exit(f"{path.relative_to(ROOT)}: {error}")


def rendered(page: str, sections: dict[str, str]) -> str:
    """The page with the section of each name after its `<!-- generated: name -->` marker."""
    missing = sections.keys() ^ set(re.findall(r"<!-- generated: ([\w-]+) -->", page))
    if missing:
        raise PageError(f"on one side only: {', '.join(sorted(missing))}")
    for name, content in sections.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise PageError(f"{begin} has no {end}")
        page = f"{before}{begin}\n{content}\n{end}{after}"
    return page


if __name__ == "__main__":
    main()
