"""Every code, outcome, phase and reason has a sentence, in both languages, and the catalogue is whole."""

import io
from pathlib import Path

import pytest
from babel.messages import extract, mofile, pofile

from plugin.core import errors
from plugin.core.model import Field, Side
from plugin.core.reconcile import Reason
from plugin.record_sentences import why_sentence
from plugin.sentences import error_sentence, known_codes, outcome_sentence, reason_sentence
from plugin.sync.views import ConnectOutcome, Deed, PlannedChange
from plugin.web import languages
from tests.fakes.services import FakeWorld
from tests.web.browser import client_of

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "plugin/web/translations/es/LC_MESSAGES/messages.po"


def all_error_classes(parent: type[errors.SyncError] = errors.SyncError) -> list[type[errors.SyncError]]:
    return [parent, *(found for child in parent.__subclasses__() for found in all_error_classes(child))]


def test_every_error_code_has_a_sentence() -> None:
    assert {error.code for error in all_error_classes()} <= known_codes()


def test_every_outcome_and_reason_has_a_sentence_in_both_languages(world: FakeWorld) -> None:
    app = client_of(world).application
    told: dict[str, list[str]] = {}
    for language in ("es", "en"):
        with app.test_request_context(headers={"Accept-Language": language}):
            told[language] = [
                *(outcome_sentence(outcome) for outcome in ConnectOutcome),
                *(reason_sentence(reason) for reason in Reason),
                *(error_sentence(code) for code in sorted(known_codes())),
            ]
    assert all(told["es"])
    assert [(es, en) for es, en in zip(told["es"], told["en"], strict=True) if es == en] == []


def test_unknown_code_gets_the_general_sentence(world: FakeWorld) -> None:
    with client_of(world).application.test_request_context():
        assert error_sentence("brand_new") == error_sentence("unexpected")


def test_every_text_is_translated() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = pofile.read_po(file, locale="es")
    methods = [("plugin/**.py", "python"), ("plugin/web/templates/**.html", "jinja2")]
    used = {
        message if isinstance(message, str) else message[0]
        for _file, _line, message, _comments, _context in extract.extract_from_dir(ROOT, methods)
    }
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }
    assert used == translated


def test_compiled_catalogue_is_the_catalogue() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = pofile.read_po(file, locale="es")
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalogue)
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run pybabel compile"


@pytest.mark.parametrize(
    ("crm_language", "expected"),
    [("es_es", "es"), ("es-MX", "es"), ("ES", "es"), ("en_us", "en"), ("est_ee", "en"), ("", "en")],
)
def test_crm_language_is_read(crm_language: str, expected: str) -> None:
    assert languages.locale_of(crm_language) == expected


def test_every_field_of_an_event_has_a_name(world: FakeWorld) -> None:
    with client_of(world).application.test_request_context(headers={"Accept-Language": "es"}):
        for field in Field:
            update = PlannedChange(Deed.UPDATE, Side.CRM, Reason.CHANGED, fields=(field.value,))
            assert f"({field.value})" not in why_sentence(update)
