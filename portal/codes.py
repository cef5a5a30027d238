"""核验码: the number on every document the portal issues, as it is drawn, printed and typed again by people."""

import re
import secrets
import unicodedata

# Without what looks alike in print or handwriting: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"
LENGTH = 12
_GROUP = 4
_SHOWN = re.compile(rf"(?<![0-9A-Z])(?:[{ALPHABET}]{{4}}[ \-]){{2}}[{ALPHABET}]{{4}}(?![0-9A-Z])")


def new() -> str:
    """A code that cannot be guessed: 12 of 24 signs, 55 bits."""
    return "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))


def grouped(code: str) -> str:
    """The code as it is shown: XXXX-XXXX-XXXX."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def typed(text: str) -> str:
    """The code that a person meant: small or full-width letters, spaces, dashes and the whole address do no harm.

    Empty where the text holds no code.
    """
    plain = unicodedata.normalize("NFKC", text).upper().rpartition("/VERIFY/")[2]
    signs = re.sub(r"[^0-9A-Z]", "", plain)
    return signs if re.fullmatch(rf"[{ALPHABET}]{{{LENGTH}}}", signs) else ""


def printed(text: str) -> list[str]:
    """The codes that stand in a document's text in their printed form, each once, in their order."""
    plain = unicodedata.normalize("NFKC", text)
    return list(dict.fromkeys(re.sub(r"[ \-]", "", found) for found in _SHOWN.findall(plain)))
