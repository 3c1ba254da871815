"""Draw what a network was given, what it drew, what bicubic interpolation draws, and the picture itself."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import read_json
from galforge.core.settings import Section
from galforge.figures.style import save_figures
from galforge.figures.upscaling import upscaled_figure
from galforge.upscaling.pictures import enlarged, picture_content, read_drawn, read_pair
from galforge.upscaling.settings import PictureSource, UpscalerSettings


@dataclass(frozen=True)
class Files:
    """The record and the picture of the network, the figure; the given picture's survey."""

    record: Path
    drawn: Path
    figures: tuple[Path, ...]
    survey: Path | None = None


class Settings(Section):
    """What was fitted to what."""

    upscaler: str
    picture: str
    source: PictureSource
    settings: UpscalerSettings


def main(files: Files, settings: Settings) -> None:
    """Draw the figure."""
    title = f"{settings.upscaler}: {settings.picture}"
    pair = read_pair(picture_content(settings.source, files.survey), title, settings.settings)
    decibels = read_json(files.record)["decibels"]
    bicubic = enlarged(pair.fitted, settings.settings.drawn_size)
    drawn = read_drawn(files.drawn)
    save_figures(
        {"upscaled": lambda: upscaled_figure(pair.fitted, drawn, bicubic, pair.truth, decibels, title)},
        files.figures,
    )


if __name__ == "__main__":
    run_entry(main)
