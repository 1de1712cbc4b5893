"""The form in which the stand-in keeps passwords in vtiger_users.user_password.

The plugin never looks at passwords (it trusts the CRM's session), so this form is the stand-in's own.
Few rounds: these are documented demo passwords, and a test database is to be made in a moment.
"""

from werkzeug.security import check_password_hash, generate_password_hash

CRYPT_TYPE = "PBKDF2"


def hash_password(password: str) -> str:
    return generate_password_hash(password, method="pbkdf2:sha256:5000")


def is_password(stored: str | None, password: str) -> bool:
    return bool(stored) and check_password_hash(str(stored), password)
