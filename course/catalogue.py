"""A page that describes every table of the data package."""

from html import escape
from pathlib import Path

from course.data import package
from course.description import describe
from course.maps.offline import write_page

_STYLE = """
body { font: 16px/1.5 system-ui, "Noto Sans", sans-serif; max-width: 60em;
  margin: 2em auto; padding: 0 1em; color: #222; background: #fff; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 90%; }
th, td { border: 1px solid #ccc; padding: 3px 8px; text-align: left;
  vertical-align: top; }
section { border-top: 2px solid #888; margin-top: 2em; }
"""


def html() -> str:
    """Return the catalogue as a page that needs no network.

    Returns:
        HTML: a list of all tables, then for each its columns, units, years, gaps
        and sources, as `course.describe` shows them.
    """
    about, rows, parts = package(), [], []
    for resource in about["resources"]:
        name, shown = resource["name"], describe(resource["name"])
        rows.append(
            f'<tr><td><a href="#{name}"><code>{name}</code></a></td>'
            f"<td>{len(shown.frame)}</td><td>{escape(resource['title'])}</td></tr>"
        )
        body = shown._repr_html_().replace("<h4>", "<h3>").replace("</h4>", "</h3>")
        parts.append(
            f'<section id="{name}"><h2><code>{name}</code></h2>{body}'
            f"<p>File: <code>data/{escape(resource['path'])}</code>. "
            f"Licence: {escape(_licence(resource))}.</p></section>"
        )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(about['title'])}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(about['title'])}</h1><p>{escape(about['description'])}</p>"
        "<table><tr><th>table</th><th>rows</th><th>what it holds</th></tr>"
        f"{''.join(rows)}</table>{''.join(parts)}</body></html>\n"
    )


def write(path: str | Path) -> Path:
    """Write the catalogue to a file.

    Args:
        path: where to write it, for example ``"catalogue.html"``.

    Returns:
        The path written.

    Raises:
        CourseError: the file cannot be written there.
    """
    return write_page(path, html())


def _licence(resource: dict) -> str:
    licences = resource.get("licenses") or package().get("licenses", [])
    return ", ".join(x.get("title", x["name"]) for x in licences)
