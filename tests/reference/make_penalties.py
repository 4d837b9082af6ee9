"""Writes penalties.json: what scikit-learn's NMF makes of small matrices with penalties, from given starts.

    python3 make_penalties.py > penalties.json

Needs numpy and scikit-learn; the versions used stand in the file.
"""
import json
import platform

import numpy as np
import sklearn
from sklearn.decomposition import non_negative_factorization

ITERATIONS = 20
PENALTIES = [(0.0, "same", 0.0), (0.01, "same", 0.0), (0.01, 0.02, 1.0), (0.02, 0.0, 0.5), (0.0, 0.01, 0.3)]
SOLVERS = [("cd", "frobenius"), ("mu", "frobenius"), ("mu", "kullback-leibler"), ("mu", "itakura-saito"), ("mu", 1.5)]

rng = np.random.default_rng(20)
m, n, k = 17, 11, 3
v = rng.gamma(1.0, 2.0, (m, n)) + 0.05
sparse_v = v * (rng.uniform(size=(m, n)) < 0.5)
w0, h0 = rng.uniform(0.1, 1, (m, k)), rng.uniform(0.1, 1, (k, n))

runs = []
for solver, loss in SOLVERS:
    for data in ("dense", "sparse"):
        if data == "sparse" and loss == "itakura-saito":
            continue  # infinite at zeros
        for alpha_w, alpha_h, l1_ratio in PENALTIES:
            x = v if data == "dense" else sparse_v
            w, h, _ = non_negative_factorization(
                x, W=w0.copy(), H=h0.copy(), n_components=k, init="custom", solver=solver, beta_loss=loss, tol=0,
                max_iter=ITERATIONS, alpha_W=alpha_w, alpha_H=alpha_h, l1_ratio=l1_ratio)
            runs.append({"solver": solver, "loss": str(loss), "data": data, "alpha_w": alpha_w,
                         "alpha_h": None if alpha_h == "same" else alpha_h, "l1_ratio": l1_ratio,
                         "W": w.tolist(), "H": h.tolist()})

print(json.dumps({"versions": {"python": platform.python_version(), "numpy": np.__version__,
                               "scikit-learn": sklearn.__version__},
                  "iterations": ITERATIONS, "dense": v.tolist(), "sparse": sparse_v.tolist(), "W0": w0.tolist(),
                  "H0": h0.tolist(), "runs": runs}))
