"""Pictures of a survey on their way to the stamps of a dataset."""

from pathlib import Path

import numpy as np

from galforge.core.errors import InputError
from galforge.datasets.stamp_file import read_catalog
from galforge.datasets.stamp_rows import read_images
from galforge.figures.preparation import Triple
from galforge.pictures.decoding import decode_picture
from galforge.pictures.preprocessing import crop_box
from galforge.pictures.preprocessing_settings import PreprocessingSettings
from galforge.pictures.store import opened_store
from galforge.survey.manifest import SurveyManifest

SHOWN = 12


def triples_of(dataset: Path, manifest: SurveyManifest, preprocessing: PreprocessingSettings) -> list[Triple]:
    """Return pictures evenly spaced in the dataset, each with its crop and its stamp.

    Raises
    ------
    InputError
        If a picture is not what its stamp was made from.
    """
    names = read_catalog(dataset)["file"]
    rows = np.unique(np.linspace(0, len(names) - 1, SHOWN).round().astype(int))
    triples = []
    with opened_store(manifest.location / manifest.pictures) as store:
        for name, stamp in zip(names.iloc[rows], read_images(dataset, rows), strict=True):
            decoded = decode_picture(
                store.read(name), preprocessing.channels, limit_megapixels=preprocessing.limit_megapixels
            )
            pixels = decoded.pixels
            if pixels is None:
                raise InputError(f"{name}: has changed since the stamps were made ({decoded.status})")
            height, width, _ = pixels.shape
            box = crop_box(width, height, preprocessing)
            if box is None:
                raise InputError(f"{name}: has changed since the stamps were made ({width} x {height} px)")
            triples.append(Triple(pixels, box, stamp, f"{width} x {height} px"))
    return triples
