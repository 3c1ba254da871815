"""Show a training as a film of the same samples."""

from dataclasses import dataclass
from pathlib import Path

from safetensors.numpy import load_file

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.files import check_digest, read_json
from galforge.figures.film import film_frames, save_film, words_frame


@strict
@dataclass(frozen=True)
class Settings:
    """Stamps in a row."""

    columns: int


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument(
        "--extras", type=Path, required=True, help="what the training left beside its weights"
    )
    parser.add_argument("--record", type=Path, required=True, help="the model's model.json")
    parser.add_argument("--output", type=Path, required=True, help="animated WebP")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)
    check_digest(arguments.extras, read_json(arguments.record)["extras_digest"], arguments.record)
    tensors = load_file(arguments.extras)
    if "film/frames" in tensors:
        pictures = film_frames(tensors["film/frames"], tensors["film/steps"].tolist(), settings.columns)
    else:
        pictures = [words_frame("The training failed before the first picture was taken.")]
    save_film(pictures, arguments.output)


if __name__ == "__main__":
    run_entry(main)
