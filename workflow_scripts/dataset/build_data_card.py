"""Write the data card of a dataset."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import replacing
from galforge.core.settings import Section
from galforge.datasets.data_card import render_card
from galforge.datasets.flux_facts import flux_facts
from galforge.datasets.stamp_file import image_shape, read_attributes, read_catalog
from galforge.survey.manifest import read_manifest


@dataclass(frozen=True)
class Files:
    """Jinja2 template, the survey's manifest and the dataset; the card, Markdown."""

    template: Path
    survey: Path
    dataset: Path
    card: Path


class Settings(Section):
    """What the dataset is, in the words of the configuration."""

    description: str


def main(files: Files, settings: Settings) -> None:
    """Write the card from the dataset's catalogue and record."""
    card = render_card(
        files.template.read_text(encoding="utf-8"),
        settings.description,
        read_manifest(files.survey),
        read_attributes(files.dataset),
        read_catalog(files.dataset),
        image_shape(files.dataset),
        flux_facts(files.dataset),
    )
    with replacing(files.card) as temporary:
        temporary.write_text(card, encoding="utf-8")


if __name__ == "__main__":
    run_entry(main)
