"""The table of a map of classes: what the stage that makes it and the figure share."""

from typing import Final

DIRECTIONS: Final = ("direction_1", "direction_2")
MAP_COLUMNS: Final = ("column", "identifier", "class", "predicted", *DIRECTIONS)
MAP_TEXT: Final = ("column", "class", "predicted")  # whatever they look like: a class may be called 1
