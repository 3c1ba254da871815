"""Distances between two samples in a space of features."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

NEIGHBOURS = 5  # for precision, recall, density and coverage, as in Naeem et al. (2020)

Features = NDArray[np.float64]


def frechet_distance(first: Features, second: Features) -> float:
    """Return the Frechet distance of the Gaussians that fit two samples, (N, F) and (M, F).

    |m1 - m2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2)), Eq. 6 of Heusel et al. (2017). For few stamps it is
    biased high, and so is the floor's: compare only samples of the same size.
    """
    means = [sample.mean(axis=0) for sample in (first, second)]
    if max(len(first), len(second)) < first.shape[1]:
        # C = A' A with few rows in A: the trace of the root of C1 C2 is the sum of the singular values of
        # A1 A2', a matrix of stamps and not of features.
        roots = [
            (sample - mean) / np.sqrt(len(sample) - 1)
            for sample, mean in zip((first, second), means, strict=True)
        ]
        variances = sum(float((root**2).sum()) for root in roots)
        cross = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
        return float(((means[0] - means[1]) ** 2).sum() + variances - 2 * cross)
    covariances = [np.atleast_2d(np.cov(sample, rowvar=False)) for sample in (first, second)]
    # The trace of the root of C1 C2 is that of the root of C1^(1/2) C2 C1^(1/2), which is symmetric.
    values, vectors = np.linalg.eigh(covariances[0])
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    inner = np.linalg.eigvalsh(root @ covariances[1] @ root)
    cross = np.sqrt(np.clip(inner, 0, None)).sum()
    offset = ((means[0] - means[1]) ** 2).sum()
    return float(offset + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * cross)


def kernel_distance(first: Features, second: Features) -> float:
    """Return the kernel distance (KID): the unbiased squared MMD of the cubic kernel.

    (x . y / F + 1)^3 for features (N, F) and (M, F); it may be negative.

    References
    ----------
    Binkowski et al. (2018), arXiv:1801.01401.
    """

    def kernel(x: Features, y: Features) -> Features:
        return np.asarray((x @ y.T / x.shape[1] + 1) ** 3)  # (N, M)

    def within(sample: Features) -> float:
        own = kernel(sample, sample)
        return float((own.sum() - np.trace(own)) / (len(own) * (len(own) - 1)))

    return within(first) + within(second) - 2 * float(kernel(first, second).mean())


class Pairs(NamedTuple):
    """Distances of the stamps of two samples, (N, N) and (M, M) among each other, (N, M) between them."""

    real: Features
    sample: Features
    apart: Features

    @classmethod
    def of(cls, real: Features, sample: Features) -> "Pairs":
        """Return the distances in features (N, F) and (M, F)."""
        return cls(cdist(real, real), cdist(sample, sample), cdist(real, sample))

    def take(self, rows: NDArray[np.intp], others: NDArray[np.intp]) -> "Pairs":
        """Return the distances of chosen stamps of either side, which do not depend on the others."""
        return Pairs(
            self.real[np.ix_(rows, rows)],
            self.sample[np.ix_(others, others)],
            self.apart[np.ix_(rows, others)],
        )


def manifold_scores(pairs: Pairs) -> dict[str, float]:
    """Return precision, recall, density and coverage.

    A ball around each stamp reaches to its fifth neighbour in its own sample. Precision: fraction of
    samples in at least one real ball; recall: fraction of real stamps in at least one ball of the sample;
    density: real balls around a sample, divided by five; coverage: fraction of real stamps whose ball holds
    a sample.

    Parameters
    ----------
    pairs : Pairs

    Returns
    -------
    dict of str to float
        All NaN where a side has five stamps or fewer.

    References
    ----------
    Kynkaanniemi et al. (2019), arXiv:1904.06991; Naeem et al. (2020), arXiv:2002.09797.
    """
    if min(pairs.apart.shape) <= NEIGHBOURS:
        return dict.fromkeys(("precision", "recall", "density", "coverage"), float("nan"))
    # The nearest stamp in its own sample is the stamp itself.
    radius, other = (
        np.partition(side, NEIGHBOURS, axis=1)[:, NEIGHBOURS] for side in (pairs.real, pairs.sample)
    )
    apart = pairs.apart
    inside = apart < radius[:, None]
    return {
        "precision": float(inside.any(axis=0).mean()),
        "recall": float((apart < other).any(axis=1).mean()),
        "density": float(inside.sum(axis=0).mean() / NEIGHBOURS),
        "coverage": float((apart.min(axis=1) < radius).mean()),
    }


def cluster_error(real: NDArray[np.intp], sample: NDArray[np.intp]) -> float:
    """Return how differently two samples fill clusters: half the sum over clusters of (v - r)^2 / (v + r).

    0 where they fill all clusters alike, 1 where they share none. It is the error of Hackstein et al.
    (2023), ((v - r) / r)^2, with another divisor: over r^2 a cluster that holds one real stamp outweighs
    all others, and with about a hundred stamps the floor scored worse than one stamp repeated.

    Parameters
    ----------
    real, sample : ndarray of int, shapes (N,) and (M,)
        Cluster of each stamp; r and v are the fractions of the two samples in a cluster.

    References
    ----------
    Hackstein et al. (2023), "Evaluation metrics for galaxy image generators"; Topsoe (2000), IEEE Trans.
    Inf. Theory 46, 1602, who names it triangular discrimination.
    """
    count = int(max(real.max(), sample.max())) + 1
    r, v = (np.bincount(side, minlength=count) / len(side) for side in (real, sample))
    filled = r + v > 0
    return float((((v - r) ** 2)[filled] / (v + r)[filled]).sum() / 2)
