"""Telephone numbers and addresses for readers who need not reach the people."""


def masked_phone(value: str) -> str:
    """A telephone number without its middle: 138****0001; a short one stays as it is."""
    return f"{value[:3]}****{value[-4:]}" if len(value) > 7 else value


def masked_email(value: str) -> str:
    """An e-mail address with the first letter of its name only: z***@example.com."""
    name, at, host = value.partition("@")
    return f"{name[:1]}***@{host}" if at else value
