"""Gather a trained model with its card and scores in a folder that can be given to others."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import replacing
from galforge.core.settings import Section
from galforge.datasets.stamp_file import read_attributes
from galforge.evaluation.score_records import read_scores
from galforge.models.record import read_record
from galforge.publication.model_card import CardFacts, render_model_card
from galforge.survey.manifest import read_manifest


@dataclass(frozen=True)
class Files:
    """What is known of the model; the card, and the copies that lie beside it."""

    template: Path
    survey: Path
    dataset: Path
    weights: Path
    record: Path
    scores: Path
    samples: Path
    card: Path
    copies: tuple[Path, ...]


class Settings(Section):
    """What the configuration says of the model: see :class:`galforge.publication.model_card.CardFacts`."""

    description: str
    paper: str
    reason: str
    dataset_description: str
    license: str


def main(files: Files, settings: Settings) -> None:
    """Copy the files, and write the card."""
    manifest = read_manifest(files.survey)
    facts = CardFacts(
        read_record(files.record),
        read_scores(files.scores),
        read_attributes(files.dataset),
        manifest.simulated,
        manifest.credit,
        settings.model_dump(),
    )
    card = render_model_card(files.template.read_text(encoding="utf-8"), facts)
    of_name = {path.name: path for path in (files.weights, files.record, files.scores, files.samples)}
    for copy in files.copies:
        with replacing(copy) as temporary:
            shutil.copyfile(of_name[copy.name], temporary)
    with replacing(files.card) as temporary:
        temporary.write_text(card, encoding="utf-8")


if __name__ == "__main__":
    run_entry(main)
