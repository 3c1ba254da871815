"""What the name of a picture's file says: its format, and what identifies it."""

from pathlib import PurePosixPath

FITS = (".fits", ".fit", ".fts")
# What the decoder reads; compressed FITS, too.
SUFFIXES = (
    ".jpg", ".jpeg", ".jfif", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif",
    *FITS, *(f"{suffix}.gz" for suffix in FITS), ".fits.fz",
)  # fmt: skip
MOST_BYTES = 1 << 29  # of a picture's file, unpacked
ALLOWED = (
    "a folder or a zip archive of JPEG, PNG, TIFF, WebP, BMP, GIF or FITS (plain, .gz or .fz), "
    "or an HDF5 file of images"
)


def picture_suffix(name: str) -> str:
    """Return the ending of a picture's name, as it is written there; empty of anything else.

    Examples
    --------
    >>> picture_suffix("deep/a.FITS.gz"), picture_suffix("notes.txt")
    ('.FITS.gz', '')
    """
    lower = name.lower()
    longest = max((suffix for suffix in SUFFIXES if lower.endswith(suffix)), key=len, default="")
    return name[len(name) - len(longest) :]


def picture_stem(name: str) -> str:
    """Return a picture's name without folders and ending."""
    return PurePosixPath(name.removesuffix(picture_suffix(name))).name


def is_fits(name: str) -> bool:
    """Return whether a name is that of a FITS file."""
    return any(ending in picture_suffix(name).lower() for ending in FITS)


def class_folders(names: list[str]) -> list[str]:
    """Return the folder of each picture below the one that all share, where all lie in two or more.

    Examples
    --------
    >>> class_folders(["zoo/spiral/0.png", "zoo/smooth/0.png"])
    ['spiral', 'smooth']
    >>> class_folders(["zoo/0.png", "zoo/smooth/0.png"])
    []
    """
    folders = [PurePosixPath(name).parts[:-1] for name in names]
    shared = 0
    while folders and all(len(parts) > shared for parts in folders):
        if len({parts[shared] for parts in folders}) > 1:
            return ["/".join(parts[shared:]) for parts in folders]
        shared += 1
    return []
