"""Telephone numbers, addresses and names for readers who need not reach or know the people."""


def masked_phone(value: str) -> str:
    """A telephone number without its middle: 138****0001; a short one stays as it is."""
    return f"{value[:3]}****{value[-4:]}" if len(value) > 7 else value


def masked_email(value: str) -> str:
    """An e-mail address with the first letter of its name only: z***@example.com."""
    name, at, host = value.partition("@")
    return f"{name[:1]}***@{host}" if at else value


def masked_name(value: str) -> str:
    """A person's name with its first character only, for pages that everybody may open: 王**."""
    return value[:1] + "*" * (len(value) - 1)
