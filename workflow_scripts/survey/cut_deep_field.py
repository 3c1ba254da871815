"""Cut the galaxies of the Hubble eXtreme Deep Field picture out, one file each."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.pictures.describing_pictures import PictureSurveyFiles, describe_pictures
from galforge.pictures.detection import Detection
from galforge.pictures.hubble_deep_field import CREDIT, cut_galaxies, deep_field
from galforge.pictures.label_types import labels_of_frame


@dataclass(frozen=True)
class Files(PictureSurveyFiles):
    """Also the folder of the survey's pictures."""

    folder: Path


def main(files: Files, settings: Detection) -> None:
    """Write the cut-outs, catalogue and manifest."""
    field = cut_galaxies(deep_field(), settings)
    if not field.pictures:
        raise InputError(
            f"hubble_deep_field: no source has {settings.minimum_area} px at {settings.threshold} sigma; "
            "lower minimum_area or threshold"
        )
    files.folder.mkdir(parents=True, exist_ok=True)
    for picture, identifier in zip(field.pictures, field.table["identifier"], strict=True):
        # PNG keeps every bit.
        Image.fromarray(picture).save(files.folder / f"{identifier}.png")
    # Columns of galforge's own, under their names.
    columns = field.table.drop(columns="identifier")
    labels = labels_of_frame(field.table["identifier"], columns, (), "hubble_deep_field")
    if field.at_the_edge:
        labels = labels._replace(left_out={"sources at the edge of the deep field": field.at_the_edge})
    describe_pictures("hubble_deep_field", files.folder, files, CREDIT, labels)


if __name__ == "__main__":
    run_entry(main)
