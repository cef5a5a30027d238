"""The web server's record of what was asked for, without the addresses that are keys (``portal.access.secret_address``)."""

import re
from typing import Any

from gunicorn.glogging import Logger

# The secret of an address: what stands behind these beginnings.
_SECRET = re.compile(r"(/(?:invitations|stipends)/)[^/\s?]+")


class AccessLog(Logger):
    """gunicorn's own logger (``--logger-class``), which writes /invitations/…/ in place of a one-time link."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """The parts of a line; those that name an address are shortened."""
        found = super().atoms(resp, req, environ, request_time)
        return {key: _SECRET.sub(r"\1…", value) if isinstance(value, str) else value for key, value in found.items()}
