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
    "link": ('<a href="https://a.example">here</a>', "here"),
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


@given(st.lists(st.sampled_from(["<p>", "</p>", "<br>", "<li>", "<ul>", "x", " ", "&amp;", "<", "&", "\n"])))
def test_no_soup_of_tags_is_too_bad(soup: list[str]) -> None:
    assert isinstance(text_from_html("".join(soup)), str)
