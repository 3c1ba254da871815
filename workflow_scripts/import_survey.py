"""Check a local directory in the COSMOS format and write its manifest."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from workflow_scripts.command_line import argument_parser, parse_settings, run_entry, strict
from workflow_scripts.files import file_digest
from workflow_scripts.progress import announce
from workflow_scripts.survey.checking import survey_files
from workflow_scripts.survey.manifest import SurveyManifest, write_manifest
from workflow_scripts.survey.reading import open_survey


@strict
@dataclass(frozen=True)
class Settings:
    """Where the survey is, and which of its galaxies count."""

    directory: str
    catalog: str
    exclusion_level: str
    credit: str


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    directory = Path(settings.directory)
    files = survey_files(directory, settings.catalog, settings.exclusion_level)
    folder = arguments.output.parent
    folder.mkdir(parents=True, exist_ok=True)
    manifest = SurveyManifest(
        source="local",
        simulated=False,
        # Relative, so that project and survey can move together.
        directory=os.path.relpath(directory, folder),
        catalog=settings.catalog,
        exclusion_level=settings.exclusion_level,
        count=0,
        credit=settings.credit,
        files={path.name: file_digest(path) for path in files},
        location=folder,
    )
    count = len(open_survey(manifest))
    announce(f"{directory}: {count:,} galaxies pass the exclusion level {settings.exclusion_level!r}")
    write_manifest(arguments.output, replace(manifest, count=count))


if __name__ == "__main__":
    run_entry(main)
