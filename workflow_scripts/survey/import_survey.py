"""Check a local directory in the COSMOS format and write its manifest."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.survey.describing import describe_survey
from galforge.survey.manifest import write_manifest


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

    manifest = describe_survey(
        "local",
        Path(settings.directory),
        arguments.output.parent,
        settings.catalog,
        settings.exclusion_level,
        settings.credit,
    )
    write_manifest(arguments.output, manifest)


if __name__ == "__main__":
    run_entry(main)
