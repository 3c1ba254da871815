"""The explorer of a model's page: its sliders, in words."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from galforge.figures.labels import label, short_label

FOLLOWS = 0.3  # least rank correlation of which a latent's slider says what it follows


def explorer(described: Mapping[str, Any], followed: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return an explorer as the template takes it, or None where there are no sliders.

    Parameters
    ----------
    described : mapping
        The JSON of the model's explorer (:func:`galforge.evaluation.latent_explorer.describe`).
    followed : sequence of mapping
        For each parameter the latent that follows it best (:func:`galforge.evaluation.latents.followed`).

    Returns
    -------
    dict, optional
        ``sliders`` with their ``words``, the ``texts`` of their values and the place of their ``start``;
        ``count`` of stamps; ``columns`` and ``rows`` of the sheet.
    """
    if not described.get("sliders"):
        return None
    sliders = [
        {
            "words": _words(slider["name"], followed),
            "texts": [_text(value, slider["unit"]) for value in slider["choices"]],
            "start": slider["start"],
        }
        for slider in described["sliders"]
    ]
    columns = len(sliders[-1]["texts"])
    count = math.prod(len(slider["texts"]) for slider in sliders)
    return {"sliders": sliders, "count": count, "columns": columns, "rows": count // columns}


def _words(name: str, followed: Sequence[Mapping[str, Any]]) -> str:
    """Return what a slider is called: of a latent with what follows it, the strongest first."""
    for entry in followed:
        if name == f"z{entry['latent']}" and abs(entry["correlation"]) >= FOLLOWS:
            return f"{name}, follows {short_label(entry['parameter'])} (ρ = {entry['correlation']:+.2f})"
    return label(name)


def _text(value: Any, unit: str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:+.3g} {unit}" if unit and value else f"{value:.3g} {unit}".rstrip()
