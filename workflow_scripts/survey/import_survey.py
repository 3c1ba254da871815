"""Check a local directory in the COSMOS format and write its manifest."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.survey.describing import describe_survey
from galforge.survey.local import LocalSurvey
from galforge.survey.manifest import write_manifest


@dataclass(frozen=True)
class Files:
    """The survey's manifest."""

    manifest: Path


def main(files: Files, settings: LocalSurvey) -> None:
    """Describe the survey where it lies."""
    manifest = describe_survey(
        "local",
        Path(settings.directory),
        files.manifest.parent,
        settings.catalog,
        settings.exclusion_level,
        settings.credit,
    )
    write_manifest(files.manifest, manifest)


if __name__ == "__main__":
    run_entry(main)
