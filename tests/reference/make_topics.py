"""Writes topics.json: gensim's coherence of made-up topics, scikit-learn's agreement with labels, SciPy's assignments.

    python3 make_topics.py > topics.json

Needs numpy, scipy, scikit-learn and gensim; the versions used stand in the file.
"""
import json
import math
import platform

import gensim
import numpy as np
import scipy
import sklearn
from gensim.corpora import Dictionary
from gensim.models.coherencemodel import CoherenceModel
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

rng = np.random.default_rng(7)
themes = [["sun", "moon", "star", "orbit", "comet", "über"], ["flour", "yeast", "oven", "crust", "salt", "crumb"],
          ["goal", "match", "team", "coach", "league", "pitch"]]
others = ["the", "and", "of", "with", "very", "today", "again"]
UNSEEN = "nowhere"


def document(length):
    theme = themes[rng.integers(len(themes))]
    words = []
    for _ in range(length):
        pool = others if rng.uniform() < 0.5 else theme if rng.uniform() < 0.9 else themes[rng.integers(len(themes))]
        words.append(str(rng.choice(pool)))
    return words


lengths = [1, 2, 3, 5, 9, 10, 11, 12, 20, 40, 109, 110, 111, 112, 150, 260] + [int(n) for n in rng.integers(4, 60, 24)]
texts = [document(n) for n in lengths]
texts.append(["sun"] * 15 + ["moon"] + ["sun"] * 15)  # one word again and again in a window
texts.append(["oven", "and", "yeast"] * 50)
topics = [themes[0], themes[1], themes[2], ["sun", "flour", "goal", "the"], ["oven", "yeast"], ["über", "crumb", "pitch"]]
unseen_topics = [["sun", "moon", UNSEEN], [UNSEEN, "sun", "moon"]]
dictionary = Dictionary(texts + [[UNSEEN]])


def number(value):
    return float(value) if math.isfinite(value) else str(float(value))


def coherence(measure, topics, texts):
    kwargs = {"corpus": [dictionary.doc2bow(t) for t in texts]} if measure == "u_mass" else {"texts": texts}
    model = CoherenceModel(topics=topics, dictionary=dictionary, coherence=measure, processes=1, **kwargs)
    with np.errstate(all="ignore"):
        return [number(c) for c in model.get_coherence_per_topic()]


def fails_on_empty_text():
    try:
        coherence("c_npmi", topics, texts + [[]])
    except IndexError:
        return True
    return False


measures = ["u_mass", "c_npmi", "c_v"]
with_empty = texts[:5] + [[]] + texts[5:] + [[]]
coherences = {"texts": [" ".join(t) for t in texts], "topics": topics,
              **{m: coherence(m, topics, texts) for m in measures},
              "u_mass_with_two_empty_texts": coherence("u_mass", topics, with_empty),
              "gensim_fails_on_an_empty_text": fails_on_empty_text(), "unseen_topics": unseen_topics,
              **{m + "_unseen": coherence(m, unseen_topics, texts) for m in measures}}

labelings = []
for rows, n_topics, n_labels, noise in [(60, 3, 3, 0.2), (200, 7, 4, 0.6), (50, 2, 5, 1.0), (30, 1, 3, 1.0), (30, 3, 1, 1.0),
                                        (12, 1, 1, 1.0), (40, 4, 4, 0.0), (8, 8, 8, 0.0)]:
    label = np.arange(rows) % n_labels
    topic = np.where(rng.uniform(size=rows) < noise, rng.integers(n_topics, size=rows), label % n_topics)
    table = contingency_matrix(label, topic)
    labelings.append({"topics": topic.tolist(), "labels": label.tolist(), "n_topics": n_topics, "n_labels": n_labels,
                      "purity": table.max(axis=0).sum() / rows, "nmi": normalized_mutual_info_score(label, topic),
                      "ari": adjusted_rand_score(label, topic)})

assignments = []
for rows, columns in [(1, 1), (1, 4), (4, 1), (3, 3), (5, 8), (8, 5), (20, 20), (31, 17)]:
    gains = np.round(rng.uniform(size=(rows, columns)), 6)
    i, j = linear_sum_assignment(gains, maximize=True)
    assignments.append({"gains": gains.tolist(), "pairs": [[int(a), int(b)] for a, b in zip(i, j)],
                        "sum": float(gains[i, j].sum())})

h = rng.gamma(0.5, 1.0, (3, 12)) * (rng.uniform(size=(3, 12)) < 0.8)
frequencies = rng.integers(0, 9, 12).astype(float)
w = rng.gamma(0.5, 1.0, (9, 3)) * (rng.uniform(size=(9, 3)) < 0.8)
w[4] = 0
# pyLDAvis, _prepare.py: log_lift = log(topic_term_dists / term_proportion), and
# relevance = lambda * log(topic_term_dists) + (1 - lambda) * log_lift
with np.errstate(all="ignore"):
    phi = h / h.sum(axis=1, keepdims=True)
    relevance = 0.6 * np.log(phi) + (1 - 0.6) * np.log(phi / (frequencies / frequencies.sum()))
    # fastTopics, poisson2multinom: F scaled to sum 1, L takes its sums, s = its row sums, L / s
    loadings = w * h.sum(axis=1)
    sizes = loadings.sum(axis=1)
    proportions = np.nan_to_num(loadings / sizes[:, None])
model = {"H": h.tolist(), "W": w.tolist(), "frequencies": frequencies.tolist(), "lambda": 0.6,
         "relevance": [[number(r) for r in row] for row in relevance], "sizes": sizes.tolist(),
         "proportions": proportions.tolist(), "shares": (loadings.sum(axis=0) / sizes.sum()).tolist()}

print(json.dumps({"versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
                               "scikit-learn": sklearn.__version__, "gensim": gensim.__version__},
                  "coherence": coherences, "labelings": labelings, "assignments": assignments, "model": model}))
