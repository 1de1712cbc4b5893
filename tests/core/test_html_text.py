"""The text that a person reads in a description with HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.core.mapping.html_text import text_from_html

CASES = {
    "plain text": ("Bring coffee", "Bring coffee"),
    "nothing": ("", ""),
    "spaces around plain text": ("  as it is \n", "  as it is \n"),
    "less and more": ("1 < 2 > 0, a & b", "1 < 2 > 0, a & b"),
    "bold": ("<b>Bring</b> coffee", "Bring coffee"),
    "line breaks": ("one<br>two<br/>three", "one\ntwo\nthree"),
    "blank line": ("one<br><br>two", "one\n\ntwo"),
    "many blank lines": ("one<br><br><br><br>two", "one\n\ntwo"),
    "paragraphs": ("<p>one</p><p>two</p>", "one\ntwo"),
    "blocks": ("<div>one</div><div>two</div>", "one\ntwo"),
    "text before a block": ("one<div>two</div>three", "one\ntwo\nthree"),
    "list": ("To do:<ul><li>one</li><li>two</li></ul>", "To do:\n\n- one\n- two"),
    "link": (
        'Join <a href="https://a.example/j/1">here</a>, please',
        "Join here (https://a.example/j/1), please",
    ),
    "link that says where it leads": ('<a href="https://a.example/">a.example</a>', "a.example"),
    "link to write to": ('<a href="mailto:ana@a.example">Ana@a.example</a>', "Ana@a.example"),
    "link around a picture": ('<a href="https://a.example"><img src="x.png"></a>', "https://a.example"),
    "link to nowhere": ('<a href="#top">up</a> <a>down</a>', "up down"),
    "link that is never closed": ('<a href="https://a.example">here', "here (https://a.example)"),
    "link in a link": (
        '<a href="https://a.example">one<a href="https://b.example">two</a>',
        "one (https://a.example)two (https://b.example)",
    ),
    "address in brackets": (
        "Ana <Ana@a.example>, <https://a.example/?a=1>",
        "Ana (Ana@a.example), (https://a.example/?a=1)",
    ),
    "address in brackets among HTML": ("<b>Ana</b> <ana@a.example><br>&lt;3", "Ana (ana@a.example)\n<3"),
    "what is no tag": ("<b>one</b> <dos> tres</dos> <cuatro/>", "one (dos) tres (cuatro)"),
    "script and style": ("<style>p { }</style>one<script>alert(1)</script> <b>two</b>", "one two"),
    "Google's wrapper": ("<html-blob>one<br>two</html-blob>", "one\ntwo"),
    "entities": ("Tom &amp; Jerry &lt;3 &#241;", "Tom & Jerry <3 ñ"),
    "hard space": ("<b>a</b>&nbsp;b", "a b"),
    "open tag": ("<b>never closed", "never closed"),
}


@pytest.mark.parametrize(("html", "text"), CASES.values(), ids=CASES.keys())
def test_html_is_read_as_text(html: str, text: str) -> None:
    assert text_from_html(html) == text


@given(st.text(st.characters(blacklist_characters="<&")))
def test_text_without_tags_and_entities_is_left_alone(text: str) -> None:
    assert text_from_html(text) == text


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<br>",
                "<li>",
                "<ul>",
                "<a href='https://a'>",
                "</a>",
                "<script>",
                "<x@y>",
                "x",
                " ",
                "&amp;",
                "<",
                "&",
                "\n",
            ]
        )
    )
)
def test_no_soup_of_tags_is_too_bad(soup: list[str]) -> None:
    assert isinstance(text_from_html("".join(soup)), str)
