"""The demo: invented people and bases in every state, moved by the real services on dates before today.

``play`` has the steps of a base's life (the tests build on it), ``cast`` who is in it, ``stories`` what happens on which day, and
``loading`` puts it all into an empty database.
"""

from evaluations.demo.play import Play, pdf_upload

__all__ = ["Play", "pdf_upload"]
