"""What the steps of an epoch add up to."""

import math
from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch import Tensor


class EpochTally:
    """The loss terms of the present epoch, and each phase's latest learning rate and gradient norm.

    Nothing here waits for a GPU until a number is asked for.

    Parameters
    ----------
    phases : collection of str
        All phases of the model; the names in a history begin with the phase where there are several.
    """

    def __init__(self, phases: Collection[str]) -> None:
        self._several = len(phases) > 1
        self.sums: dict[str, Tensor] = {}  # per term
        self.counts: dict[str, int] = {}  # steps that had the term
        self.rates: dict[str, float] = {}  # per phase
        self.norms: dict[str, Tensor] = {}  # per phase, before clipping

    def add(self, phase: str, terms: Mapping[str, Tensor], rate: float, norm: Tensor | None) -> None:
        """Add a step of a phase: its loss terms, its learning rate and, if known, its gradient norm."""
        for name, value in terms.items():
            term = self._named(phase, name)
            self.sums[term] = self.sums.get(term, 0) + value.detach()
            self.counts[term] = self.counts.get(term, 0) + 1
        self.rates[phase] = rate
        if norm is not None:
            self.norms[phase] = norm

    def fault(self) -> str:
        """Return which term is no longer finite; empty if all are."""
        for name, value in self.sums.items():
            if not math.isfinite(float(value)):
                return f"training term '{name}' is {float(value)}"
        return ""

    def means(self) -> dict[str, float]:
        """Return the mean of each term over the steps that had it."""
        return {name: float(value) / self.counts[name] for name, value in self.sums.items()}

    def learning_rates(self) -> dict[str, float]:
        """Return the learning rate of each phase's last step."""
        return {self._named(phase, "learning_rate"): rate for phase, rate in self.rates.items()}

    def gradient_norms(self) -> dict[str, float]:
        """Return the norm of each phase's last known gradients."""
        return {self._named(phase, "gradient_norm"): float(norm) for phase, norm in self.norms.items()}

    def _named(self, phase: str, name: str) -> str:
        return f"{phase}_{name}" if self._several else name

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restore` needs."""
        return {"sums": self.sums, "counts": self.counts, "rates": self.rates, "norms": self.norms}

    def restore(self, saved: dict[str, Any], device: torch.device) -> None:
        """Resume from a saved state."""
        self.counts, self.rates = saved["counts"], saved["rates"]
        self.sums = {name: value.to(device) for name, value in saved["sums"].items()}
        self.norms = {phase: value.to(device) for phase, value in saved["norms"].items()}
