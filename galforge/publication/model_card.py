"""The card of a trained model: what it is, what it draws, how good it is, and what to be aware of."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from galforge.core.cards import card_environment, cell
from galforge.datasets.catalogued import stamps_are
from galforge.datasets.columns import COLUMNS
from galforge.evaluation.variants import OK, RANKED

# Scores of the card, and how each is called there; scores.json has the others.
SHOWN = {
    "mean_distance": "mean distance of the morphology, σ",
    "failure_fraction": "fraction that cannot be measured",
    "classifier_light": "classifier of light, area under the ROC curve (0.5: chance)",
    "classifier_morphology": "classifier of morphology",
    "missing_tails": "missing tails of the real distributions",
    "memorized_fraction": "fraction of copies of training stamps",
}


class CardFacts(NamedTuple):
    """What a card is made of.

    Attributes
    ----------
    record, scores : mapping
        ``model.json`` and ``scores.json``.
    dataset : mapping
        Root attributes of the dataset's file.
    simulated : bool
    credit : str
        Whom to cite for the survey.
    said : mapping of str to str
        From the configuration: ``description`` and ``paper`` of the model, ``reason`` why its recipe was
        changed, ``dataset_description``, ``license``; empty where it says nothing.
    """

    record: Mapping[str, Any]
    scores: Mapping[str, Any]
    dataset: Mapping[str, Any]
    simulated: bool
    credit: str
    said: Mapping[str, str]


def render_model_card(template: str, facts: CardFacts) -> str:
    """Return the card as Markdown, with the front matter that model hubs read.

    Parameters
    ----------
    template : str
        Jinja2 source.
    facts : CardFacts
    """
    record, scores, said = facts.record, facts.scores, facts.said
    units = record.get("observed", {})
    conditions = list(_conditions(record.get("conditions", [])))
    return (
        card_environment()
        .from_string(template)
        .render(
            model=record["model"],
            dataset=record["dataset"],
            family=record["family"],
            description=said["description"].strip(),
            paper=said["paper"],
            changed=said["reason"].strip(),
            dataset_description=cell(said["dataset_description"].strip()),
            license=said["license"],
            simulated=facts.simulated,
            credit=facts.credit,
            failed="" if record["status"] == OK else record["reason"],
            drawn=f"Its stamps are {stamps_are(units)}.",
            shape=" x ".join(str(side) for side in record["image_shape"]),
            units=units,
            conditions=conditions,
            example=_example(record.get("conditions", [])),
            parameters=f"{record['parameters']:,}",
            training_stamps=f"{record['training_stamps']:,}",
            dataset_digest=facts.dataset["digest"],
            epochs=record["recipe"]["epochs"],
            batch_size=record["recipe"]["batch_size"],
            published_epoch=record.get("published_epoch"),
            seed=record["seed"],
            minutes=f"{record['training_seconds'] / 60:.0f}",
            device=record["device_used"],
            versions=record["versions"],
            weights_digest=record["weights_digest"],
            warnings=record.get("warnings", []),
            compared=scores["count"]["compared"],
            gates=list(scores["gates"].values()),
            scores=list(_scores(scores["scores"][RANKED])),
            limits=list(_limits(record, facts.simulated)),
        )
    )


def _conditions(records: list[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield the columns that galaxies can be asked for with; the range of text is its classes."""
    for name in dict.fromkeys(each["column"] for each in records):
        of_column = [each for each in records if each["column"] == name]
        classes = [each["value"] for each in of_column if each["kind"] == "class"]
        known = COLUMNS.get(name)
        yield {
            "name": cell(name),
            "unit": known.unit if known else "",
            "meaning": cell(known.description) if known else "column of the survey's own table",
            "range": cell(", ".join(classes))
            if classes
            else f"{of_column[0]['minimum']:.4g} to {of_column[0]['maximum']:.4g}",
        }


def _example(records: list[Mapping[str, Any]]) -> str:
    """Return a condition for the example: the middle of the first one's range, or its first class."""
    for each in records:
        value = repr(each["value"]) if each["kind"] == "class" else f"{each['mean']:.3g}"
        return f'"{each["column"]}": {value}'
    return ""


def _scores(scores: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    for name, label in SHOWN.items():
        if name in scores:
            row = scores[name]
            yield {
                "name": label,
                "value": _with_error(row["value"], row["error"]) or row["reason"],
                "floor": _with_error(row["floor"], row["floor_error"]) or "–",
                "better": row["better"],
            }


def _with_error(value: float | None, error: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3g}" if not error else f"{value:.3g} ± {error:.2g}"


def _limits(record: Mapping[str, Any], simulated: bool) -> Iterator[str]:
    """Yield what a user of the galaxies must know."""
    if simulated:
        yield (
            "It has learned what a simulation draws. Spiral arms and knots of that simulation were chosen by "
            "eye: no statistics of structure should be trusted."
        )
    if record.get("observed"):
        yield "One band: it knows no colours."
        yield "Its light has the width of the stamp's pixels, and ends with the stamp."
        yield "A condition is asked for, not set: what comes out scatters around it."
    else:
        yield "Its stamps have no flux, and their sizes on the sky cannot be compared."
    yield "It knows galaxies that passed the dataset's cuts, and no others."
