"""Secrets at rest: encrypted with the newest key, readable with any that is still given."""

import pytest
from cryptography.fernet import Fernet

from plugin.core.errors import KeyMissingError
from plugin.state.crypto import SecretBox

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_secret_comes_back_and_does_not_show() -> None:
    box = SecretBox([NEW])
    encrypted = box.encrypt("1//refresh-ñ")
    assert box.decrypt(encrypted) == "1//refresh-ñ"
    assert "refresh" not in encrypted


def test_rotated_key_still_decrypts_and_the_first_encrypts() -> None:
    encrypted = SecretBox([OLD]).encrypt("secret")
    both = SecretBox([NEW, OLD])
    assert both.decrypt(encrypted) == "secret"
    assert SecretBox([NEW]).decrypt(both.encrypt("secret")) == "secret"


@pytest.mark.parametrize(
    "encrypted",
    ["", "nonsense", SecretBox([OLD]).encrypt("secret")],
    ids=["nothing", "nonsense", "another key's"],
)
def test_secret_without_its_key_says_that_the_key_is_missing(encrypted: str) -> None:
    with pytest.raises(KeyMissingError):
        SecretBox([NEW]).decrypt(encrypted)
