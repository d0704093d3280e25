"""Tables to take away: files for spreadsheets and data frames, and tables in a database of the user's own.

Each format is one file of :mod:`touchline.exports.formats`. A table comes as rows of Arrow, a part at a time, so that
its size needs no memory; what is written takes its place only when all of it is there.
"""

from touchline.exports.cells import spreadsheet_text
from touchline.exports.format import Format, Place, Rows, Sink, Written
from touchline.exports.places import place_of
from touchline.exports.typed import typed

__all__ = ["Format", "Place", "Rows", "Sink", "Written", "place_of", "spreadsheet_text", "typed"]
