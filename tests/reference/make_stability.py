"""Writes stability.json: cNMF's consensus, step by step, by NumPy and scikit-learn.

    python3 make_stability.py > stability.json

Needs numpy, scipy and scikit-learn; the versions used stand in the file.
"""
import json
import platform

import numpy as np
import scipy
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import euclidean_distances, silhouette_samples, silhouette_score

rng = np.random.default_rng(11)


def spectra_of_runs(k, n, runs, noise, strangers):
    """Runs of k spectra, each in an order of its own, some of them replaced by something else."""
    truth = rng.gamma(0.4, 1.0, (k, n))
    stacked = []
    for _ in range(runs):
        found = np.abs(truth[rng.permutation(k)] + noise * rng.standard_normal((k, n))) * rng.uniform(0.5, 9, (k, 1))
        stacked.append(found)
    stacked = np.concatenate(stacked)
    for i in rng.choice(len(stacked), strangers, replace=False):
        stacked[i] = rng.gamma(0.3, 1.0, n)
    return np.round(stacked, 5)


def consensus(stacked, k, threshold):
    """cnmf 1.7.1, cnmf.py, consensus(): its steps, in its order, without pandas."""
    l2 = stacked / np.sqrt((stacked ** 2).sum(axis=1))[:, None]
    neighbors = int(0.30 * stacked.shape[0] / k)
    distances = np.sqrt(((l2[:, None] - l2[None]) ** 2).sum(axis=2))
    assert np.allclose(distances, euclidean_distances(l2), atol=1e-7)
    order = np.argpartition(distances, neighbors + 1)[:, :neighbors + 1]
    density = np.take_along_axis(distances, order, axis=1).sum(axis=1) / neighbors
    kept = density < threshold
    filtered = l2[kept]
    # 50 starts, not 10: no better partition is found with more, so that a reference is one
    model = KMeans(n_clusters=k, n_init=50, random_state=1).fit(filtered)
    medians = np.array([np.median(filtered[model.labels_ == c], axis=0) for c in range(k)])
    labels = np.full(len(stacked), -1)
    labels[kept] = model.labels_
    samples = silhouette_samples(filtered, model.labels_)
    return {"k": k, "threshold": threshold, "stacked": stacked.tolist(), "local_density": density.tolist(),
            "kept": [int(x) for x in kept], "labels": labels.tolist(), "inertia": float(model.inertia_),
            "spectra": (medians / medians.sum(axis=1, keepdims=True)).tolist(), "silhouettes": samples.tolist(),
            "silhouette": float(silhouette_score(filtered, model.labels_, metric="euclidean"))}


consensuses = [consensus(spectra_of_runs(k, n, runs, noise, strangers), k, threshold)
               for k, n, runs, noise, strangers, threshold in
               [(4, 16, 12, 0.02, 5, 0.5), (3, 12, 15, 0.3, 0, 2.0), (5, 14, 7, 0.2, 4, 0.6), (2, 10, 4, 1e-7, 0, 0.5)]]

print(json.dumps({"versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
                               "scikit-learn": sklearn.__version__},
                  "consensuses": consensuses}))
