"""Can a small network tell the sample from real stamps? The two-sample classifier test."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

HIDDEN = 16
PENALTY = 1e-2  # on the squared weights; the features are standardised
FOLDS = 5
_STEPS = 200

Weights = NDArray[np.float64]


def classifier_accuracy(
    real: NDArray[np.float64], sample: NDArray[np.float64], seed: int
) -> tuple[float, float]:
    """Return the held-out accuracy of a network that tells two samples apart, and its error.

    Each fifth of the stamps is classified by a network of one hidden layer (16 units, tanh) that was
    trained on the others; each fifth holds the two sides in the proportion of the whole.

    Parameters
    ----------
    real, sample : ndarray of float64, shapes (N, F) and (M, F)
        Features, at least :data:`FOLDS` on each side.
    seed : int
        For the folds and the initial weights.

    Returns
    -------
    accuracy : float
        Mean of the two sides' accuracies, so that 0.5 is chance whatever N and M.
    error : float
        Binomial standard error of it.

    References
    ----------
    Lopez-Paz & Oquab (2017), arXiv:1610.06545.
    """
    generator = np.random.default_rng(seed)
    features = np.concatenate([real, sample])
    labels = np.repeat([0.0, 1.0], [len(real), len(sample)])
    fold = np.concatenate([generator.permutation(len(side)) % FOLDS for side in (real, sample)])
    correct = np.zeros(len(labels))
    for held_out in range(FOLDS):
        train, test = fold != held_out, fold == held_out
        centre = features[train].mean(axis=0)
        spread = features[train].std(axis=0)
        scaled = (features - centre) / np.where(spread > 0, spread, 1.0)
        start = generator.standard_normal(_size(features.shape[1])) / np.sqrt(features.shape[1])
        weights = minimize(
            _loss, start, (scaled[train], labels[train]), "L-BFGS-B", jac=True, options={"maxiter": _STEPS}
        ).x
        correct[test] = (_logit(weights, scaled[test])[0] > 0) == (labels[test] == 1)
    sides = [correct[labels == side] for side in (0, 1)]
    accuracy = np.mean([side.mean() for side in sides])
    error = np.sqrt(sum(side.mean() * (1 - side.mean()) / len(side) for side in sides)) / 2
    return float(accuracy), float(error)


def _size(features: int) -> int:
    return (features + 1) * HIDDEN + HIDDEN + 1


def _logit(weights: Weights, features: NDArray[np.float64]) -> tuple[Weights, Weights, Weights]:
    """Return the network's logit (N,), its hidden values (N, 16) and the weights of its last layer."""
    inner = weights[: (features.shape[1] + 1) * HIDDEN].reshape(-1, HIDDEN)
    outer = weights[inner.size :]
    hidden = np.tanh(features @ inner[:-1] + inner[-1])
    return hidden @ outer[:-1] + outer[-1], hidden, outer


def _loss(
    weights: Weights, features: NDArray[np.float64], labels: NDArray[np.float64]
) -> tuple[float, Weights]:
    """Return the mean cross-entropy with the penalty, and its gradient."""
    logit, hidden, outer = _logit(weights, features)
    loss = np.mean(np.logaddexp(0, logit) - labels * logit) + PENALTY * (weights**2).sum() / 2
    of_logit = (expit(logit) - labels) / len(labels)  # (N,)
    of_hidden = np.outer(of_logit, outer[:-1]) * (1 - hidden**2)  # (N, 16)
    gradient = np.concatenate(
        [
            np.concatenate([features.T @ of_hidden, of_hidden.sum(axis=0)[None]]).ravel(),
            hidden.T @ of_logit,
            [of_logit.sum()],
        ]
    )
    return float(loss), np.asarray(gradient + PENALTY * weights)
