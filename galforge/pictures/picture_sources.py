"""Published surveys of pictures: their addresses, sizes, keys and credits."""

from typing import Any

IMAGE_SIZES: dict[str, tuple[int, int]] = {  # px, width and height
    "galaxy_zoo_kaggle": (424, 424),
    "galaxy_zoo_2": (424, 424),
    "cosmology_images": (1000, 1000),
    "simulated_cosmology": (1000, 1000),
}

KAGGLE_KEY = "GalaxyID"  # of training_solutions_rev1.csv
COSMOLOGY_KEY = "Id"  # of labeled.csv and scored.csv, with the score in Actual

CREDITS: dict[str, str] = {
    "galaxy_zoo_kaggle": (
        "Galaxy Zoo (Lintott et al. 2008, Willett et al. 2013) on pictures of the Sloan Digital Sky Survey, "
        "as published for the Kaggle challenge Galaxy Zoo - The Galaxy Challenge"
    ),
    "galaxy_zoo_2": (
        "Galaxy Zoo 2 (Willett et al. 2013, Hart et al. 2016) on pictures of the Sloan Digital Sky Survey, "
        "Zenodo record 3565489"
    ),
    "cosmology_images": "cosmology images of the challenge that Intergalactic Generators (ETH) reports on",
}

_RECORD = "https://zenodo.org/records/3565489/files"
# Hashes are not known: the server's own are taken and shown, and the configuration can pin them.
GALAXY_ZOO_2: dict[str, Any] = {
    "images_url": f"{_RECORD}/images_gz2.zip",
    "images_hash": None,
    "mapping_url": f"{_RECORD}/gz2_filename_mapping.csv",
    "mapping_hash": None,
    "credit": CREDITS["galaxy_zoo_2"],
}
GALAXY_ZOO_2_KEY = "asset_id"  # of the mapping: the picture's file name
GALAXY_ZOO_2_MAPPED = "objid"  # of the mapping: the galaxy in the tables of votes
GALAXY_ZOO_2_OBJECT = "dr7objid"  # of the tables of votes: the same galaxy
