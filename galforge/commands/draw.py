"""New galaxies from a trained model, in a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from galforge.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from galforge.datasets.stamp_file import Stamps

STAMPS, FITS = (".h5", ".hdf5"), (".fits",)


def draw(
    model: Path,
    *,
    output: Path,
    count: int = 64,
    seed: int = 1,
    condition: tuple[str, ...] = (),
    table: Path | None = None,
    beyond: bool = False,
) -> None:
    """Draw galaxies from a model's folder into a file: any, or those of --condition column=value or --table.

    Parameters
    ----------
    model : Path
        Folder with ``weights.safetensors`` and ``model.json``.
    output : Path
    count, seed : int
        ``count`` is the number of rows of the table, where there is one.
    condition : tuple of str
        ``column=value``, the same for all galaxies.
    table : Path, optional
        CSV of conditions, one row per galaxy.
    beyond : bool
        Allow values outside the range of the training.
    """
    if output.suffix not in (*STAMPS, *FITS):
        raise InputError(f"{output}: ends in {output.suffix!r}; allowed: {', '.join((*STAMPS, *FITS))}")
    if count < 0:
        raise InputError(f"--count is {count}; allowed: 0 or more")
    from galforge.api import load_model
    from galforge.datasets.drawing import draw_galaxies

    asked = asked_table(condition, table, count)
    loaded = load_model(model)
    stamps = draw_galaxies(loaded, len(asked), seed, asked, beyond=beyond)
    write = write_fits if output.suffix in FITS else write_hdf5
    write(output, stamps)
    unit = (
        f"in {stamps.attributes.get('flux_unit', 'flux')}, without PSF and noise"
        if loaded.in_flux
        else (
            "each in [0, 1] by itself, with the PSF and the sky of the stamps that the model was trained on"
        )
    )
    if "warning" in stamps.attributes:
        print(f"WARNING: {stamps.attributes['warning']}")
    print(f"{output}: {len(stamps):,} galaxies of {stamps.attributes['model']}, {unit}")


def asked_table(condition: tuple[str, ...], table: Path | None, count: int) -> "pd.DataFrame":
    """Return what is asked of each galaxy, from words ``column=value`` or a CSV file.

    Raises
    ------
    InputError
        For both at once, and for a word that is none of these.
    """
    import pandas as pd

    from galforge.core.tables import read_table

    if condition and table is not None:
        raise InputError("--condition and --table are given; allowed: one of them")
    if table is not None:
        return read_table(table)
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


def write_hdf5(path: Path, stamps: "Stamps") -> None:
    """Write galaxies as a stamp file."""
    from galforge.datasets.stamp_file import write_stamps

    write_stamps(path, [stamps], stamps.attributes)


def write_fits(path: Path, stamps: "Stamps") -> None:
    """Write galaxies as a FITS file: a cube of images in the primary HDU, then a table of conditions.

    One channel gives (N, H, W), more give (N, C, H, W). The header of a model in flux has pixel scale, zero
    point and unit.
    """
    from astropy.io import fits
    from astropy.table import Table

    from galforge.core.files import replacing

    images = stamps.flux() if "flux_scale" in stamps.attributes else stamps.image
    cube = fits.PrimaryHDU(images[:, 0] if images.shape[1] == 1 else images)
    cards = {"model": "MODEL", "pixel_scale": "PIXSCALE", "zero_point": "ZEROPNT", "flux_unit": "BUNIT"}
    for name, card in cards.items():
        if name in stamps.attributes:
            cube.header[card] = stamps.attributes[name]
    units = [cube]
    if len(stamps.catalog.columns):
        units.append(fits.BinTableHDU(Table.from_pandas(stamps.catalog), name="CONDITIONS"))
    with replacing(path) as temporary:
        fits.HDUList(units).writeto(temporary)
