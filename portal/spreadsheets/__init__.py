"""Excel: what people fill in is read with every mistake named by its cell; what they take away is a list they can work with."""

from portal.spreadsheets.columns import CellFault, Column
from portal.spreadsheets.reading import CellError, Reading, read
from portal.spreadsheets.writing import Formula, Tab, book, comma_separated, template, workbook

__all__ = [
    "CellError",
    "CellFault",
    "Column",
    "Formula",
    "Reading",
    "Tab",
    "book",
    "comma_separated",
    "read",
    "template",
    "workbook",
]
