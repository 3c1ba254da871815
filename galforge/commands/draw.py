"""New galaxies from a trained model, in a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from galforge.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def draw(
    model: str,
    *,
    output: Path,
    count: int = 64,
    seed: int = 1,
    condition: tuple[str, ...] = (),
    table: Path | None = None,
    beyond: bool = False,
) -> None:
    """Draw galaxies of a trained model into a file: any, or those of --condition column=value or --table.

    Parameters
    ----------
    model : str
        Folder with ``weights.safetensors`` and ``model.json``, a zip of one, the address of a zip with its
        hash, or ``simulated_galaxies``: see :func:`galforge.load_model`.
    output : Path
        HDF5 (``.h5``, a stamp file), FITS or Parquet, by the end of its name.
    count, seed : int
        ``count`` is the number of rows of the table, where there is one.
    condition : tuple of str
        ``column=value``, the same for all galaxies.
    table : Path, optional
        CSV, FITS or ECSV of conditions, one row per galaxy.
    beyond : bool
        Allow values outside the range of the training.
    """
    if count < 0:
        raise InputError(f"--count is {count}; allowed: 0 or more")
    from galforge.api import load_model
    from galforge.datasets.catalogued import catalogued
    from galforge.datasets.drawing import draw_galaxies
    from galforge.datasets.galaxy_files import writer_of

    write = writer_of(output)
    asked = asked_table(condition, table, count)
    stamps = catalogued(draw_galaxies(load_model(model).network, len(asked), seed, asked, beyond=beyond))
    write(output, stamps)
    if "warning" in stamps.attributes:
        print(f"WARNING: {stamps.attributes['warning']}")
    made = f"{len(stamps):,} galaxies of {stamps.attributes['model']}"
    print(f"{output}: {made}, {stamps.attributes['stamps_are']}")


def asked_table(condition: tuple[str, ...], table: Path | None, count: int) -> "pd.DataFrame":
    """Return what is asked of each galaxy, from words ``column=value`` or a file.

    Raises
    ------
    InputError
        For both at once, and for a word that is none of these.
    """
    import pandas as pd

    from galforge.datasets.condition_table import read_conditions

    if condition and table is not None:
        raise InputError("--condition and --table are given; allowed: one of them")
    if table is not None:
        return read_conditions(table)
    values: dict[str, float | str] = {}
    for word in condition:
        name, separator, value = word.partition("=")
        if not (name and separator and value):
            raise InputError(f"--condition is {word!r}; allowed: column=value, such as mag_auto=22.5")
        try:
            values[name] = float(value)
        except ValueError:
            values[name] = value
    return pd.DataFrame(values, index=range(count))
