"""Settings of the stages that make, download or import a survey: the keys that each uses, and no others."""

from typing import Any

from galforge.configuration.datasets import DOWNLOADED, LOCAL_PICTURES, SIMULATED
from galforge.configuration.mappings import Config
from galforge.pictures.fashion_sources import CREDIT as FASHION_CREDIT
from galforge.pictures.fashion_sources import HASHES, URL
from galforge.pictures.picture_sources import COSMOLOGY_KEY, CREDITS, GALAXY_ZOO_2, KAGGLE_KEY
from galforge.survey.cosmos_samples import CREDIT, SAMPLES, UNPACKED_LIMIT_GB


def survey_settings(config: Config, survey: str) -> dict[str, Any]:
    """Return the settings of the stage that makes or imports a survey."""
    entry = {key: value for key, value in config["surveys"][survey].items() if key != "source"}
    source = config["surveys"][survey]["source"]
    if source in SIMULATED:
        entry["seed"] = config["seed"]
    if source in LOCAL_PICTURES:
        return _local_pictures(source, entry)
    if source == "galaxy_zoo_2":
        return {**GALAXY_ZOO_2, "labels": None, **entry}
    if source == "fashion_mnist":
        hashes = {**HASHES, **entry.pop("hashes", {})}
        return {"directory": None, "url": URL, "hashes": hashes, "credit": FASHION_CREDIT, **entry}
    if source == "cosmos":
        sample = SAMPLES[str(entry.pop("sample"))]
        entry = {**sample._asdict(), "credit": CREDIT, **entry}
    if source in DOWNLOADED:
        entry = {"source": source, "hash": None, "unpacked_limit_gb": UNPACKED_LIMIT_GB, **entry}
    return entry


def _local_pictures(source: str, entry: Config) -> dict[str, Any]:
    """Return the settings of ``import_pictures``, which knows no source by name."""
    table, key, path = entry.get("table"), entry.get("key"), entry.get("path")
    if source == "galaxy_zoo_kaggle":
        key = KAGGLE_KEY
    if source == "cosmology_images":
        path = f"{entry['directory']}/{entry['part']}"
        table, key = f"{path}.csv", COSMOLOGY_KEY
    credit = entry.get("credit", CREDITS.get(source, ""))
    return {"source": source, "path": path, "table": table, "key": key, "credit": credit}
