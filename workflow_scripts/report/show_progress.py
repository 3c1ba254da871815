"""Write the report in the making, while a run goes on; no rule runs this, the Snakefile does."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from galforge.configuration import layout
from galforge.core.command_line import run_entry
from galforge.core.files import replacing
from galforge.evaluation.score_records import read_scores
from galforge.figures.growing_report import RunProgress, render_progress


@dataclass(frozen=True)
class Files:
    """The folder of all results, the page's Jinja2 template, and the page."""

    results: Path
    template: Path
    page: Path


def main(files: Files, settings: RunProgress) -> None:
    """Read what is there, write the page."""
    judged, pictures = {}, {}
    for dataset in settings.datasets:
        if dataset.made:
            strip = layout.DATASET_THUMBNAIL.at(files.results, dataset=dataset.name)
            pictures[dataset.name, ""] = strip.read_bytes()
        for model in dataset.models:
            place = {"dataset": dataset.name, "model": model.name}
            if model.state == "judged":
                scores = layout.MODEL_SCORES.at(files.results, **place)
                judged[dataset.name, model.name] = read_scores(scores)
            if model.strip:
                strip = layout.MODEL_THUMBNAIL.at(files.results, **place)
                pictures[dataset.name, model.name] = strip.read_bytes()
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    page = render_progress(files.template.read_text(encoding="utf-8"), settings, judged, pictures, now)
    with replacing(files.page) as temporary:
        temporary.write_text(page, encoding="utf-8")
        # Older than all that the report is made from, so that Snakemake never takes it for the report.
        os.utime(temporary, (0, 0))


if __name__ == "__main__":
    run_entry(main)
