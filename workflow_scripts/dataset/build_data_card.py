"""Write the data card of a dataset."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.files import replacing
from galforge.datasets.data_card import render_card
from galforge.datasets.stamp_file import image_shape, read_attributes, read_catalog
from galforge.survey.manifest import read_manifest


@strict
@dataclass(frozen=True)
class Settings:
    """What the dataset is, in the words of the configuration."""

    description: str


def main() -> None:
    """Read the dataset's catalogue and record, write the card."""
    parser = argument_parser(__doc__)
    parser.add_argument("--template", required=True, type=Path, help="Jinja2 template, Markdown")
    parser.add_argument("--survey", required=True, type=Path, help="the survey's manifest")
    parser.add_argument("--dataset", required=True, type=Path, help="stamp file of the dataset")
    parser.add_argument("--output", required=True, type=Path, help="the card, Markdown")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    card = render_card(
        arguments.template.read_text(encoding="utf-8"),
        settings.description,
        read_manifest(arguments.survey),
        read_attributes(arguments.dataset),
        read_catalog(arguments.dataset),
        image_shape(arguments.dataset),
    )
    with replacing(arguments.output) as temporary:
        temporary.write_text(card, encoding="utf-8")


if __name__ == "__main__":
    run_entry(main)
