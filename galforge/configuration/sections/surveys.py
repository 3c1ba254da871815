"""The section ``surveys``: where galaxies come from."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from galforge.configuration.sections.common import FilePath, Hash, Url
from galforge.core.names import Sha256
from galforge.core.settings import Section, refuse, setting
from galforge.pictures.detection import Detection
from galforge.pictures.fashion_sources import FashionFile
from galforge.simulation.cosmology_settings import PART, CosmologySettings, Part
from galforge.simulation.population_settings import PopulationSettings
from galforge.survey.local import CREDIT, EXCLUSION, ExclusionLevel, LocalSurvey


class _Sourced(Section):
    source: str


# Of two bases, the keys of the last come first.
class Simulated(PopulationSettings, _Sourced):
    """A survey in the COSMOS format, drawn with GalSim."""

    source: Literal["simulated"]


class Local(LocalSurvey, _Sourced):
    """A directory in the COSMOS format that the user has."""

    source: Literal["local"]


class Cosmos(Section):
    """A published sample of HST COSMOS, downloaded."""

    source: Literal["cosmos"]
    sample: Literal["23.5", "25.2", 23.5, 25.2] = setting(  # type: ignore[valid-type]  # a number without quotes, too
        "limiting F814W magnitude", unit="mag", source="Mandelbaum et al. (2012), doi:10.5281/zenodo.3242143"
    )
    hash: Hash = setting("hash of the archive; the published sample's own by default", default=None)
    exclusion_level: ExclusionLevel = setting(EXCLUSION, source="GalSim")
    credit: str = setting(f"{CREDIT}; the sample's own by default", default=None)


class Download(Section):
    """An archive of a survey in the COSMOS format, downloaded."""

    source: Literal["url"]
    url: Url = setting("tar archive in the COSMOS layout")
    hash: Hash = setting("hash of the archive")
    catalog: str = setting(
        "file name of the catalogue in the archive",
        pattern=r"^real_galaxy_catalog[A-Za-z0-9_.-]*\.fits$",
    )
    exclusion_level: ExclusionLevel = setting(EXCLUSION, source="GalSim")
    credit: str = setting(CREDIT)
    unpacked_limit_gb: float = setting("most that it may unpack to", unit="GB", gt=0, default=None)


class HubbleDeepField(Detection, _Sourced):
    """Galaxies cut from the picture of the Hubble eXtreme Deep Field that scikit-image ships."""

    source: Literal["hubble_deep_field"]


class ImageFolder(Section):
    """Pictures that the user has."""

    source: Literal["image_folder"]
    path: FilePath = setting("folder or zip archive of pictures, or HDF5 file of images")
    table: FilePath = setting("CSV of labels; none by default", default=None)
    key: str = setting(
        "column of the table that names the file, by path, name or number", min_length=1, default=None
    )
    image_size: list[Annotated[int, Field(ge=1)]] = setting(
        "width and height of every picture; read from the pictures by default",
        unit="px",
        min_length=2,
        max_length=2,
        default=None,
    )
    credit: str = setting(CREDIT)

    @model_validator(mode="after")
    def _table_and_key(self) -> "ImageFolder":
        if bool(self.table) != bool(self.key):
            given, missing = ("table", "key") if self.table else ("key", "table")
            refuse(f"{given!r} and {missing!r} together, or neither", key=given, value=getattr(self, given))
        return self


class GalaxyZooKaggle(Section):
    """Pictures and votes of the Galaxy Zoo challenge on Kaggle, which the user has."""

    source: Literal["galaxy_zoo_kaggle"]
    path: FilePath = setting("images_training_rev1.zip or its folder")
    table: FilePath = setting("training_solutions_rev1.csv; none by default", default=None)
    credit: str = setting(f"{CREDIT}; Galaxy Zoo's own by default", default=None)


class GalaxyZoo2(Section):
    """Pictures of Galaxy Zoo 2, downloaded from Zenodo."""

    source: Literal["galaxy_zoo_2"]
    images_url: Url = setting("zip archive of the pictures; Zenodo's by default", default=None)
    images_hash: Hash = setting("hash of the archive of images", default=None)
    mapping_url: Url = setting("table from file to object; Zenodo's by default", default=None)
    mapping_hash: Hash = setting("hash of the table that names them", default=None)
    labels: FilePath = setting("CSV of vote fractions with a column dr7objid; none by default", default=None)
    credit: str = setting(f"{CREDIT}; Galaxy Zoo's own by default", default=None)


class CosmologyImages(Section):
    """The cosmology images of the ETH report, which are not published."""

    source: Literal["cosmology_images"]
    directory: FilePath = setting("folder with labeled/ and scored/")
    part: Part = PART
    credit: str = setting(CREDIT, default=None)


class SimulatedCosmology(CosmologySettings, _Sourced):
    """A stand-in for the cosmology images of the ETH report, simulated with GalSim."""

    source: Literal["simulated_cosmology"]


class FashionMNIST(Section):
    """Pictures of clothes in ten classes, for classifiers; downloaded, or a folder of the user's."""

    source: Literal["fashion_mnist"]
    directory: FilePath = setting(
        "folder with the four files in the IDX format, compressed or not; downloaded by default", default=None
    )
    url: Url = setting(
        "folder that the files are downloaded from; the published one's by default", default=None
    )
    hashes: dict[FashionFile, Sha256] = setting(
        "SHA-256 of the files that are other ones, by name; the published ones' by default",
        source="url_checksums/fashion_mnist.txt of TensorFlow Datasets",
        default=None,
    )
    credit: str = setting(f"{CREDIT}; that of Fashion-MNIST by default", default=None)


Survey = Annotated[
    Simulated
    | Local
    | Cosmos
    | Download
    | HubbleDeepField
    | ImageFolder
    | GalaxyZooKaggle
    | GalaxyZoo2
    | CosmologyImages
    | SimulatedCosmology
    | FashionMNIST,
    Field(discriminator="source"),
]
