class ForeignResource(Exception):
    """A document asked for a file or an address; it must be complete in itself."""
