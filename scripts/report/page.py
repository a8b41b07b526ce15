#!/usr/bin/python3
"""page.py <REPORT.json >REPORT.html: the page of a report, from what `poolbench report` gathered.

Exit status: 0 written, 1 the document is broken, 3 Jinja2 (Debian: python3-jinja2) is missing.
"""

import json
import pathlib
import sys

try:
    import jinja2
except ImportError:
    sys.exit(3)

HERE = pathlib.Path(__file__).resolve().parent


def fixed(number: float | None, places: int = 2, unit: str = "", none: str = "–") -> str:
    """A number with that many decimal places, and its unit; `none` where there is none."""
    return none if number is None else f"{number:.{places}f}{unit}"


def percent(share: float | None, places: int = 1) -> str:
    return fixed(None if share is None else 100 * share, places, " %")


def main() -> None:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(fixed=fixed, percent=percent)
    document = json.load(sys.stdin.buffer)
    css = (HERE / "report.css").read_text(encoding="utf-8")
    page = environment.get_template("report.html.j2").render(document, css=css)
    sys.stdout.buffer.write(page.encode())


if __name__ == "__main__":
    main()
