"""Show a training as a film of the same samples."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from safetensors.numpy import load_file

from galforge.core.command_line import run_entry
from galforge.core.files import check_digest
from galforge.core.isolation import isolated
from galforge.core.settings import Section
from galforge.figures.film import film_frames, save_film, words_frame
from galforge.models.record import read_record


@dataclass(frozen=True)
class Files:
    """What the training left beside its weights, its record, and the animated WebP."""

    extras: Path
    record: Path
    figures: tuple[Path]


class Settings(Section):
    """Stamps per row."""

    columns: int


def main(files: Files, settings: Settings) -> None:
    """Write the film, or the reason why there is none."""
    check_digest(files.extras, read_record(files.record)["extras_digest"], files.record)
    tensors = load_file(files.extras)
    if "film/frames" not in tensors:
        save_film([words_frame("The training failed before the first picture was taken.")], files.figures[0])
        return

    def draw() -> list[Image.Image]:
        return film_frames(tensors["film/frames"], tensors["film/steps"].tolist(), settings.columns)

    isolated(
        "film",
        lambda: save_film(draw(), files.figures[0]),
        lambda reason: save_film([words_frame(f"The film could not be made: {reason}")], files.figures[0]),
    )


if __name__ == "__main__":
    run_entry(main)
