"""Writes texts.json: tokens of odd texts, counts and tf-idf of small corpora, as scikit-learn makes them.

    python3 make_texts.py > texts.json

Needs numpy and scikit-learn; the versions used stand in the file.
"""
import json
import platform
import unicodedata

import numpy as np
import sklearn
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

ODD = {
    "nothing": "",
    "blanks": " \t\n  ",
    "one letter words": "a b c I x",
    "under_scores": "_ __ a_b _x_ snake_case __init__ x__y",
    "digits and letters": "42 4 x1 1x 3.14 1e6 007 0x1F 12:30 a1b2",
    "punctuation": "don't well-known e.g. U.S.A. a/b C++ #tag @name 100% (in) [brackets] {braces} <tag>",
    "combining marks": "cafe\u0301 a\u030angstro\u0308m n\u0303o\u0303 e\u0301e\u0301 \u0301ab x\u0323yz",
    "composed letters": "caf\u00e9 \u00c5ngstr\u00f6m \u00d1and\u00da stra\u00dfe STRASSE \u1e9e\u1e9e",
    "capitals with an odd lower case": "\u0130stanbul DI\u0130 \u0130\u0130 \u023a\u023e \u01c5\u01c5 \u1e9eA \u212a\u212b \u2126hm",
    "final sigma": "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03a3\u03a3 \u03a3 \u0391\u03a3. \u0391\u03a3\u0301 \u0391\u03a3\u0301\u0392 \u0391\u03a3\u2019\u0392 1\u03a3 \u03a3\u0391\u03a3_\u03a3",
    "emoji": "ok \U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467 a\U0001f600b \u2764\ufe0f \U0001f1e9\U0001f1ea hello\U0001f30dworld 1\ufe0f\u20e32\ufe0f\u20e3",
    "Thai": "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01 \u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 \u0e19\u0e49\u0e33",
    "Chinese, Japanese, Korean": "\u6211\u7231\u5317\u4eac\u3002\u6771\u4eac \u4e2d \u3053\u3093\u306b\u3061\u306f\u3001\u4e16\u754c \u30ab\u30bf\u30ab\u30ca\u30fc \uff76\uff80\uff76\uff85 \ud55c\uad6d\uc5b4 \u1112\u1161\u11ab",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627 \u202eab\u202c \u0644\u0627\u200c\u0647\u0627",
    "Indic scripts": "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e \u09ac\u09be\u0982\u09b2\u09be \u0ba4\u0bae\u0bbf\u0bb4\u0bcd \u0c95\u0ca8\u0ccd\u0ca8\u0ca1",
    "digits of other scripts": "\u0661\u0662\u0663 \u0967\u0968\u0969 \u0e51\u0e52 \uff11\uff12 \u2460\u2461 x\u00b2 \u00bd\u00bc \u2160\u2161 \u3007\u4e00 \U0001d7ce\U0001d7cf \u0bf0\u0bf1 \u4e5d\u4e07",
    "letters beyond the first plane": "\U00010400\U00010401 \U00010428\U00010429 \U0001d400\U0001d401 \U00020000\U00020001 \U00016a40\U00016a41 \U00012400\U00012401",
    "soft hyphens and invisible characters": "co\u00adop soft\u00adhyphen zero\u200bwidth no\u2060break ab\u200dcd \ufeffmark word\u180ebreak",
    "spaces of all kinds": "a1\u00a0b2\u2003c3\u3000d4\u1680e5\u2028f6\u2029g7\u0085h8",
    "control characters": "ab\x00cd \x00 ef\x07gh\x1bij\x7fkl\x1cmn",
    "marks and modifiers": "\u02b0\u02b1 \u02c6ab x\u02bcy \u00aa\u00ba \u00b5\u00b5 \u2071\u207f \u24b6\u24d0\u24d1 \u2102\u2115 \ua9cf\ua9cf",
    "currency and symbols": "5\u20ac 10\u00a3x \u00a9ab\u00ae \u2122tm \u2103\u2109 x\u00d7y a\u00f7b \u00ac\u00acab",
    "replaced bytes": "caf\ufffd \ufffd\ufffd a\ufffdb ab\ufffdcd",
    "line ends": "one\ntwo\r\nthree\rfour\x0bfive\x0csix",
    "ligatures and titles": "\ufb01\ufb01nd \u01c4\u01c6 \u0132ssel \ufb03 O\ufb03ce \u0149a",
    "Georgian, Armenian, Cherokee": "\u10d0\u10d1 \u1c90\u1c91 \u0531\u0532 \u0587\u0587 \u13a0\u13a1 \uab70\uab71",
    "surprising letters": "\u3006\u3006 \u2c7c\u1d62 \ua78c\ua78c \u0f33\u0f33 \u19da\u19da \u1369\u136a \u2180\u2181 \u3021\u3022",
    "a long word": "Pneumono" + "ultra" * 400 + "K",
}
PATTERNS = [r"(?u)\b\w\w+\b", r"(?u)\b\w+\b", r"[^\W\d_]+", r"\b([a-z]+)\d", r"\S+", r"(?:[\w'-]|\.\w)+", r"[]\w[&&]+", r"\w\B\w",
            r".{3}", r"\w+.?$", r"\w+\s?\Z", r"(?m)^\w\w", r"(?P<start>\w\w)\w"]


def tokens(text, lowercase, pattern):
    return CountVectorizer(lowercase=lowercase, token_pattern=pattern).build_analyzer()(text)


odd = [{"name": name, "text": text, "lower": tokens(text, True, PATTERNS[0]), "cased": tokens(text, False, PATTERNS[0])}
       for name, text in ODD.items()]
patterns = [{"pattern": p, "tokens": [tokens(text, True, p) for text in ODD.values()]} for p in PATTERNS]

unit = "Stra\u00dfe \u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 x1 a cafe\u0301 \u6771\u4eac,"
long_line = {"unit": unit, "times": 250000, "tokens_each": len(tokens(unit, True, PATTERNS[0]))}
assert len((unit * 250000).encode()) > 10_000_000
assert len(tokens(unit * 1000, True, PATTERNS[0])) == 1000 * long_line["tokens_each"]

DOCUMENTS = [
    "The quick brown fox jumps over the lazy dog. The dog sleeps!",
    "A dog and a fox are not the same; dogs bark, foxes do not.",
    "",
    "Stra\u00dfe stra\u00dfe STRASSE, caf\u00e9 cafe\u0301 Caf\u00e9",
    "fox fox fox fox dog",
    "\u6771\u4eac \u6771\u4eac \u5317\u4eac dog_house dog_house 42 42 42 7",
    "the the the of of and and",
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2 \u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd sleeps",
    "lazy lazy quick quick quick jumps over over over over",
    "bark! bark? bark. same same brown dog fox caf\u00e9 42",
]
NEW = ["the fox is a dog", "nothing known heremost", "", "caf\u00e9 42 42 \u6771\u4eac dog fox fox lazy unseen"]


def csr(x):
    x = x.tocsr().astype(float)
    x.sort_indices()
    return {"indptr": x.indptr.tolist(), "indices": x.indices.tolist(), "data": x.data.tolist()}


COUNTS = [
    {}, {"lowercase": False}, {"stop_words": "english"}, {"ngram_range": [1, 2]}, {"ngram_range": [2, 3], "stop_words": "english"},
    {"min_df": 2}, {"min_df": 0.25, "max_df": 0.5}, {"max_df": 3}, {"max_features": 4}, {"max_features": 3, "min_df": 2, "binary": True},
    {"binary": True}, {"token_pattern": r"(?u)\b\w+\b", "min_df": 2}, {"vocabulary": ["fox", "dog", "unicorn", "42"]},
]
TFIDF = [
    {}, {"norm": "l1"}, {"norm": None}, {"sublinear_tf": True}, {"smooth_idf": False}, {"binary": True},
    {"sublinear_tf": True, "smooth_idf": False, "norm": "l1", "ngram_range": [1, 2], "min_df": 2},
    {"stop_words": "english", "max_features": 2}, {"vocabulary": ["42", "dog", "fox", "caf\u00e9"]},
]


def run(make, options):
    options = {k: tuple(v) if k == "ngram_range" else v for k, v in options.items()}
    vectorizer = make(**options)
    x = vectorizer.fit_transform(DOCUMENTS)
    if "max_features" in options:  # scikit-learn does not say which of equal counts it keeps
        free = CountVectorizer(**{k: v for k, v in options.items() if k not in ("max_features", "norm")}).fit_transform(DOCUMENTS)
        totals = np.sort(free.toarray().sum(axis=0))[::-1]
        assert totals[options["max_features"] - 1] > totals[options["max_features"]], options
    result = {"vocabulary": vectorizer.get_feature_names_out().tolist(), "x": csr(x), "new": csr(vectorizer.transform(NEW))}
    if make is TfidfVectorizer:
        result["idf"] = vectorizer.idf_.tolist()
    return result


runs = [{"tfidf": False, "options": o, **run(CountVectorizer, o)} for o in COUNTS]
runs += [{"tfidf": True, "options": o, **run(TfidfVectorizer, o)} for o in TFIDF]
print(json.dumps({"versions": {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__,
                               "unicode": unicodedata.unidata_version},
                  "odd": odd, "patterns": patterns, "long_line": long_line, "documents": DOCUMENTS, "new": NEW, "runs": runs}))
