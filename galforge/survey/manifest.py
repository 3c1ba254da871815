"""The manifest of a survey: what it is, where it is and the digests of its files."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from galforge.core.errors import InputError
from galforge.core.files import read_json, write_json
from galforge.survey.local import ExclusionLevel


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class SurveyManifest:
    """A survey of any source: one that ``galsim.COSMOSCatalog`` opens, or a set of pictures.

    Rows of the survey number the galaxies that pass the exclusion level.

    Attributes
    ----------
    source : str
        Where it comes from, as the configuration names it.
    simulated : bool
        Whether its galaxies are drawn rather than observed.
    directory : str
        Folder of the catalogue, relative to the folder of the manifest.
    catalog : str
        File name of the catalogue: FITS in the COSMOS layout, or the table of a survey of pictures.
    exclusion_level : str
        What ``galsim.COSMOSCatalog`` takes.
    count : int
        Number of galaxies that pass the exclusion level.
    credit : str
        Whom to cite.
    files : dict of str to str
        File name to SHA-256.
    archive : dict of str to str
        ``url``, ``md5`` and ``sha256`` of the archive of a downloaded survey; else empty.
    pictures : str
        Folder or zip archive of the pictures, relative to the folder of the manifest; empty where the
        survey has the COSMOS layout.
    largest_stamp : int
        Longest side of a galaxy's image, px, which decides the memory that drawing takes; 0 if not known.
    unmatched : dict of str to int
        Tables that are joined to the catalogue by identifier, and how many galaxies have no row in each.
    left_out : dict of str to int
        What lies in its place and makes no galaxy, and galaxies that its exclusion level leaves out: how many
        of it, by reason.
    labels : dict of str to str
        What was done to columns of the survey's own table, by name.
    location : Path
        Folder of the manifest, known once it has been read; not stored.
    """

    source: Literal[
        "simulated", "local", "cosmos", "url", "hubble_deep_field", "image_folder", "galaxy_zoo_kaggle",
        "galaxy_zoo_2", "cosmology_images", "simulated_cosmology", "fashion_mnist",
    ]  # fmt: skip
    simulated: bool
    directory: str
    catalog: str
    exclusion_level: ExclusionLevel
    count: int
    credit: str
    files: dict[str, str]
    archive: dict[str, str] = field(default_factory=dict)
    pictures: str = ""
    largest_stamp: int = 0
    unmatched: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    location: Path = field(default=Path(), compare=False)

    @property
    def path(self) -> Path:
        """The folder of the catalogue, resolved against the folder of the manifest."""
        return (self.location / self.directory).resolve()


def write_manifest(path: Path, manifest: SurveyManifest) -> None:
    """Write a manifest as JSON, whole or not at all."""
    value = asdict(manifest)
    del value["location"]
    write_json(path, value)


def read_manifest(path: Path) -> SurveyManifest:
    """Return the manifest of a survey.

    Raises
    ------
    InputError
        If the file is not a survey manifest, or is damaged.
    """
    try:
        value = read_json(path)
        if not isinstance(value, dict):
            raise ValueError("not a JSON object")
        return TypeAdapter(SurveyManifest).validate_python({**value, "location": Path(path).parent})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: is not a survey manifest ({place}: {first['msg']})") from error
    except ValueError as error:
        raise InputError(f"{path}: is not a survey manifest ({error})") from error
