"""Excel: what people fill in is read with every mistake named by its cell; what they take away is a list they can work with."""

from portal.spreadsheets.columns import CellFault, Column
from portal.spreadsheets.reading import CellError, Reading, read
from portal.spreadsheets.writing import template, workbook

__all__ = ["CellError", "CellFault", "Column", "Reading", "read", "template", "workbook"]
