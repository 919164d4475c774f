"""Guidelines as people wrote them (Markdown) and as a browser may show them: the one place that makes HTML of text."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

# Images and raw HTML stay out: nothing in a text may make a reader's browser fetch or run anything.
TAGS = "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul"
_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def guidelines_html(markdown: str) -> str:
    """Clean HTML of a Markdown text, safe to put into a page."""
    return nh3.clean(
        _markdown.render(markdown),
        tags=set(TAGS.split()),
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
