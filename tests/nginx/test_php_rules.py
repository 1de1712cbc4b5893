"""nginx reads requests as PHP would: what PHP takes for `module=Google` goes to the plugin, nothing else.

The expectations are those of php-cgi 8.2 with request_order=GP.
"""

import pytest

from tests.nginx.front import BOUNDARY, FORM, MULTIPART, Front, multipart

QUERIES = [
    ("module=Contacts&module=Google", "plugin"),
    ("module=Google&module=Contacts", "crm"),
    ("module=Google&module=", "crm"),
    ("module=Google&module", "crm"),
    ("module=Google&module[]=Google", "crm"),
    ("module[]=Google", "crm"),
    ("module[x]=Contacts&module=Google", "plugin"),
    ("module%5B%5D=Google", "crm"),
    ("module=Google&module[=Contacts", "plugin"),  # no closing bracket: another variable, module_
    ("mod%75le=Goo%67le", "plugin"),
    ("%6d%6F%64ule=%47oogle", "plugin"),
    ("+module=Google", "plugin"),  # PHP drops spaces before a name
    ("module+=Google", "crm"),  # and makes those after it underscores
    ("module=+Google", "crm"),
    ("module%00=Google", "plugin"),
    ("Module=Google", "crm"),
    ("MODULE=Google", "crm"),
    ("module=google", "crm"),
    ("module=Google%", "crm"),
    ("module=Google&x=%", "plugin"),
    ("module=Google&%=1&%zz=%f", "plugin"),
    ("x=%ff%fe&module=Google", "plugin"),
    ("module=Goo%gle", "crm"),
    ("module=Google%20", "crm"),
    ("&&module=Google&&", "plugin"),
    ("a;module=Google", "crm"),  # a semicolon separates nothing
    ("=Google&module=Google", "plugin"),
    ("module==Google", "crm"),
    ("xmodule=Google", "crm"),
    ("parent=Settings&module=Google&view=Index", "plugin"),
    ("module=Google&view=List&view=Map", "crm"),
    ("module=Google&view=Map&view=List", "plugin"),
    ("module=Google&view=map", "plugin"),
    ("module=Google&action=SaveSettings&view=Map", "plugin"),  # the CRM looks at action first
    ("module=Google&action=MapAjax&view=Sync", "crm"),
    ("extensionModule=Google", "plugin"),
    ("extensionModule=Google&extensionModule=Other", "crm"),
    ("extensionmodule=Google", "crm"),
    ("toString=1&constructor=2&__proto__=Google&module=Google", "plugin"),
    ("__proto__[module]=Google", "crm"),
]

# Query, body, who answers: the body wins, key by key.
QUERY_AND_BODY = [
    ("module=Google&view=Sync", "module=Contacts&view=List", "crm"),
    ("module=Contacts&view=List", "module=Google&view=Sync", "plugin"),
    ("module=Google", "view=List", "plugin"),
    ("module=Google", "view=Map", "crm"),
    ("module=Google&view=Map", "view=List", "plugin"),
    ("module=Google&action=MapAjax", "action=SaveSettings", "plugin"),
    ("view=Map", "module=Google", "crm"),
    ("action=MapAjax", "module=Google", "crm"),
    ("module=Google", "module[]=Google", "crm"),
    ("module=Google", "module=", "crm"),
    ("module=Google", "", "plugin"),
    ("extensionModule=Google", "extensionModule=Other", "crm"),
    ("module=Contacts", "extensionModule=Google", "plugin"),
    ("", "module=Contacts&module=Google", "plugin"),
    ("", "module=Google&module=Contacts", "crm"),
    ("", "mod%75le=Goo%67le&x=%", "plugin"),
    ("", "a=\xff\xfe%ff\xe9&module=Google", "plugin"),
]

CONTENT_TYPES = [
    ("application/x-www-form-urlencoded", "plugin"),
    ("application/x-www-form-urlencoded;charset=utf-8", "plugin"),
    ("application/x-www-form-urlencoded , text/plain", "plugin"),
    ("Application/X-WWW-Form-URLEncoded; Charset=UTF-8", "plugin"),
    ("text/plain", "crm"),
    ("application/json", "crm"),
    ("application/x-www-form-urlencodedx", "crm"),
    ("", "crm"),
    (None, "crm"),
]

MULTIPARTS = [
    ([('name="module"', "Google")], "plugin"),
    ([("name=module", "Google")], "plugin"),
    ([("name='module'", "Google")], "plugin"),
    ([('NAME="module"', "Google")], "plugin"),
    ([('x="name=1"; name="module"', "Google")], "plugin"),
    ([('name="Module"', "Google")], "crm"),
    ([('name="module"', "Google\r\n")], "crm"),
    ([('name="module"', "Goo%67le")], "crm"),  # nothing is percent-encoded here
    ([('name="module[]"', "Google")], "crm"),
    ([('name="module"', "Google"), ('name="module"', "Contacts")], "crm"),
    ([('name="module"', "Contacts"), ('name="module"', "Google")], "plugin"),
    ([('name="module"', "Google"), ('name="view"', "Map")], "crm"),
    ([('name="module"; filename="a.txt"', "Google")], "crm"),  # an upload is no variable
    ([('name="module"; filename=""', "Google")], "crm"),
    ([('name="f"; filename="module=Google.txt"', "module=Google")], "crm"),
    ([('name="f"; filename="a.bin"', b"\xff\x00\xfe\r\n\r\n--"), ('name="module"', "Google")], "plugin"),
    ([('name="x"', 'Content-Disposition: form-data; name="module"\r\n\r\nGoogle')], "crm"),
    ([('name="empty"', ""), ('name="module"', "Google")], "plugin"),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_query(front: Front, query: str, expected: str) -> None:
    answer = front.get(query)
    assert answer.served_by == expected
    assert answer.seen["path"] == f"{front.base}index.php?{query}"


@pytest.mark.parametrize(("query", "body", "expected"), QUERY_AND_BODY)
def test_query_and_body(front: Front, query: str, body: str, expected: str) -> None:
    answer = front.post(body, query=query)
    assert answer.served_by == expected
    assert answer.seen["length"] == len(body)


@pytest.mark.parametrize(("content_type", "expected"), CONTENT_TYPES)
def test_body_counts_only_as_a_form(front: Front, content_type: str | None, expected: str) -> None:
    assert front.post("module=Google&view=Sync", content_type).served_by == expected


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_body_of_other_methods_is_not_read(front: Front, method: str) -> None:
    assert front.send(method, "index.php", "module=Google", FORM).served_by == "crm"
    assert front.send(method, "index.php?module=Google", "module=Home", FORM).served_by == "plugin"


def test_head_goes_by_its_query(front: Front) -> None:
    assert front.send("HEAD", "index.php?module=Google&view=List").served_by == "plugin"
    assert front.send("HEAD", "index.php?module=Home").served_by == "crm"


@pytest.mark.parametrize(("parts", "expected"), MULTIPARTS)
def test_multipart(front: Front, parts: list[tuple[str, bytes | str]], expected: str) -> None:
    answer = front.post(multipart(*parts), MULTIPART)
    assert answer.served_by == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (f'multipart/form-data; boundary="{BOUNDARY}"', "plugin"),
        (f"Multipart/Form-Data; charset=utf-8; Boundary={BOUNDARY}", "plugin"),
        (f"multipart/form-data; boundary={BOUNDARY}; x=y", "plugin"),
        ("multipart/form-data; boundary=another", "crm"),
        ("multipart/form-data; boundary=", "crm"),
        ("multipart/form-data", "crm"),
        (f"multipart/mixed; boundary={BOUNDARY}", "crm"),
    ],
)
def test_boundary_of_a_multipart_body(front: Front, content_type: str, expected: str) -> None:
    assert front.post(multipart(('name="module"', "Google")), content_type).served_by == expected


def test_multipart_with_bare_newlines_and_a_preamble(front: Front) -> None:
    body = multipart(('name="module"', "Google")).replace(b"\r\n", b"\n")
    assert front.post(b"__vtrftk=sid:1&\r\n" + body, MULTIPART).served_by == "plugin"


def test_truncated_multipart_body_is_the_crm_s(front: Front) -> None:
    whole = multipart(('name="module"', "Google"))
    headers_only = whole[: whole.index(b"Google") - 3]
    assert front.post(headers_only, MULTIPART).served_by == "crm"
