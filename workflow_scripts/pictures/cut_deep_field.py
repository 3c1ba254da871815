"""Cut the galaxies of the Hubble eXtreme Deep Field picture out, one file each."""

from pathlib import Path

from PIL import Image

from galforge.core.command_line import argument_parser, parse_settings, run_entry
from galforge.core.errors import InputError
from galforge.core.progress import announce
from galforge.pictures.describing_pictures import describe_pictures
from galforge.pictures.hubble_deep_field import CREDIT, Settings, cut_galaxies, deep_field


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--output-directory", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--table", type=Path, required=True, help="the survey's catalogue")
    parser.add_argument("--manifest", type=Path, required=True, help="the survey's manifest, written last")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    found = cut_galaxies(deep_field(), settings)
    if not found.pictures:
        raise InputError(
            f"hubble_deep_field: no source has {settings.minimum_area} px at {settings.threshold} sigma; "
            "lower minimum_area or threshold"
        )
    announce(f"{len(found.pictures):,} cut-outs; {found.at_the_edge} left out at the picture's edge")
    arguments.output_directory.mkdir(parents=True, exist_ok=True)
    for picture, identifier in zip(found.pictures, found.table["identifier"], strict=True):
        # PNG keeps every bit.
        Image.fromarray(picture).save(arguments.output_directory / f"{identifier}.png")
    describe_pictures(
        "hubble_deep_field",
        arguments.output_directory,
        arguments.table,
        arguments.manifest,
        CREDIT,
        found.table,
        "identifier",
    )


if __name__ == "__main__":
    run_entry(main)
