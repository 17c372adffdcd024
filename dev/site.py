"""Builds the site into build/site: the course, guides and answers in Turkish, guides and API reference in English.

`make docs` runs `dev/course.py` before it, which executes the chapters. It leaves out serving: any file server does,
`python -m http.server -d build/site`.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT / "dev")

from website import links  # noqa: E402
from website.build import build  # noqa: E402
from website.pages import SiteError  # noqa: E402


def main() -> int:
    """Builds; or, with `--external`, asks every other site that the built pages link to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-course", action="store_true", help="leave the chapters out, for quick work on the rest")
    parser.add_argument("--external", action="store_true", help="ask other sites whether the links to them hold")
    arguments = parser.parse_args()
    folder = ROOT / "build"
    try:
        built = build(ROOT, folder / "site-src", folder / "site", course=not arguments.no_course)
    except SiteError as error:
        print(f"site: {error}", file=sys.stderr)
        return 1
    print(f"{len(list(built.rglob('*.html')))} pages in {built.relative_to(ROOT)}")
    if arguments.external:
        failed = 0
        for address in links.external(built):
            said = links.ask(address)
            failed += bool(said)
            print(f"{said or 'ok'}\t{address}")
        return 1 if failed else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
