"""Names of a survey's files; those of a simulated one depend on its number of galaxies alone."""

from pathlib import Path

CATALOG = "real_galaxy_catalog_simulated.fits"
FITS_CATALOG = "real_galaxy_catalog_simulated_fits.fits"
SELECTION_CATALOG = "real_galaxy_catalog_simulated_selection.fits"
PSF_IMAGES = "real_galaxy_PSF_images_simulated.fits"
NOISE_CORRELATION = "acs_I_unrot_sci_20_cf.fits"

# As in the COSMOS sample: to reach an HDU, astropy reads all headers before it.
IMAGES_PER_FILE = 1000


def fits_table(catalog: Path) -> Path:
    """Return where the table of fits and further columns lies, if there is one: beside the catalogue."""
    return catalog.with_name(f"{catalog.stem}_fits.fits")


def selection_table(catalog: Path) -> Path:
    """Return where the table of stamp quality lies, if there is one: beside the catalogue."""
    return catalog.with_name(f"{catalog.stem}_selection.fits")


def image_file_name(number: int) -> str:
    """Return the name of an image file, counted from 1."""
    return f"real_galaxy_images_simulated_n{number}.fits"


def survey_file_names(count: int) -> list[str]:
    """Return the names of all files of a survey of ``count`` galaxies.

    Examples
    --------
    >>> [name for name in survey_file_names(2500) if "galaxy_images" in name][-1]
    'real_galaxy_images_simulated_n3.fits'
    """
    files = -(-count // IMAGES_PER_FILE)
    return [
        CATALOG,
        FITS_CATALOG,
        SELECTION_CATALOG,
        PSF_IMAGES,
        NOISE_CORRELATION,
        *(image_file_name(number) for number in range(1, files + 1)),
    ]
