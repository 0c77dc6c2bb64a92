"""The learned part as it is stored: loaded from bytes, so that a file or a row of the store serves alike.

Rule: nothing is imported to load it but the standard library, and bytes that are not weights are refused by name.

Layout of the bytes: `MOTLINE-MOOD-2\\n`, then zlib of: a line of JSON (a header per language), then per language its
features joined by line breaks, and a byte per feature (weight = (byte - 128) * scale).
"""

from __future__ import annotations

import functools
import json
import math
import operator
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dialogs.unhappy_features import DENSE, dense, grams, pieces
from dialogs.unhappy_rules import Signals
from dialogs.unhappy_scan import DENIED

MAGIC = b"MOTLINE-MOOD-2\n"
FOLDER = Path(__file__).with_name("mood")
#: More than any weights of two languages unpack to; a bound against a bad row, not a target.
_MOST_BYTES = 16 * 2**20
#: Where nothing was learned: the share of the rule layer's hand-set scale, and a careful watch threshold.
_SHARE, _WATCH = 0.44, 0.25
#: The step of a weight of 0.
ZERO = 128
#: English words whose pieces are kept in sum: half of every text is the same few hundred words.
_WORDS_REMEMBERED = 4096


class WeightsError(ValueError):
    """Bytes that are not weights of this version: says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Linear:
    """One language's linear model, Platt-scaled: its sum is the log-odds of unhappy.

    log-odds = bias + Σ weight of the features met / √(how many were met) + Σ dense weight x dense number.
    A weight is (step - `ZERO`) * `scale`; steps are the integers 1 to 255, of which Python keeps one object each, so
    that looking them up touches little memory. `share` is the share of unhappy texts it is calibrated on, `watch` the
    `unhappy` that 95 % of the unhappy development texts reach.
    """

    steps: Mapping[str, int]
    scale: float
    dense: tuple[float, ...]
    bias: float
    share: float
    watch: float
    made: Mapping[str, Any]
    _pieces: Callable[[str], tuple[int, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pieces", functools.lru_cache(_WORDS_REMEMBERED)(self._inside))

    def logit(self, signals: Signals) -> float:
        """Log-odds of unhappy of a scanned text."""
        steps = list(filter(None, map(self.steps.get, grams(signals))))
        total, count = sum(steps), len(steps)
        if not isinstance(signals.stream, str):
            for word in set(signals.stream):
                found, known = self._pieces(word)
                total += found
                count += known
        learned = (total - ZERO * count) * self.scale / math.sqrt(count) if count else 0.0
        return self.bias + learned + math.fsum(map(operator.mul, self.dense, dense(signals)))

    def _inside(self, word: str) -> tuple[int, int]:
        """The sum of the steps of the pieces inside a word, and how many are known."""
        steps = [step for step in map(self.steps.get, pieces(word)) if step]
        return sum(steps), len(steps)

    def weights(self) -> dict[str, float]:
        """The weight of every feature."""
        return {name: (step - ZERO) * self.scale for name, step in self.steps.items()}

    def strongest(self, signals: Signals, language: str, most: int) -> list[str]:
        """Of the features of a scanned text those that speak most for unhappy, as words a person can read."""
        is_shown = _is_shown_chinese if language == "zh" else _is_shown_english
        shown = [gram for gram in grams(signals) if self.steps.get(gram, 0) > ZERO and is_shown(gram)]
        shown.sort(key=lambda gram: (-self.steps[gram], gram))
        kept: list[str] = []
        for gram in shown:
            if not any(gram in other or other in gram for other in kept):
                kept.append(gram)
            if len(kept) == most:
                break
        return kept


def stepped(weights: Mapping[str, float]) -> tuple[dict[str, int], float]:
    """Weights as steps and their scale. The 1 in 200 that are largest are cut to the size of the next."""
    sizes = sorted(map(abs, weights.values()))
    scale = (sizes[int(0.995 * len(sizes))] if sizes else 0.0) / (ZERO - 1) or 1.0
    most = ZERO - 1
    return {name: ZERO + max(-most, min(most, round(weight / scale))) for name, weight in weights.items()}, scale


def _is_shown_chinese(gram: str) -> bool:
    return len(gram) > 1 and gram.isalpha() and gram.islower() == gram.isupper()


def _is_shown_english(gram: str) -> bool:
    return len(gram) > 3 and gram[0].isalpha() and gram[-1].isalpha() and DENIED not in gram


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned, by language. Without a language the rule layer alone reads it."""

    languages: Mapping[str, Linear]

    def share(self, language: str) -> float:
        """The share of unhappy texts in the development data that `unhappy` is calibrated on."""
        found = self.languages.get(language)
        return found.share if found else _SHARE

    def watch_threshold(self, language: str) -> float:
        """`unhappy` at which 95 % of the unhappy development texts are found."""
        found = self.languages.get(language)
        return found.watch if found else _WATCH


@functools.cache
def shipped_weights() -> Weights:
    """The weights in the package."""
    return merged(load_weights(path.read_bytes()) for path in sorted(FOLDER.glob("weights.*.bin")))


def merged(parts: Iterable[Weights]) -> Weights:
    """One `Weights` of several; a language of a later part replaces that of an earlier one."""
    languages: dict[str, Linear] = {}
    for part in parts:
        languages.update(part.languages)
    return Weights(languages)


def dump_weights(weights: Weights) -> bytes:
    """Bytes that `load_weights` reads; the same weights always give the same bytes."""
    headers: dict[str, Any] = {}
    body: list[bytes] = []
    for language, linear in sorted(weights.languages.items()):
        ordered = sorted(linear.steps)
        names = "\n".join(ordered).encode()
        headers[language] = {
            "bias": linear.bias,
            "dense": dict(zip(DENSE, linear.dense, strict=True)),
            "share": linear.share,
            "watch": linear.watch,
            "made": dict(linear.made),
            "scale": linear.scale,
            "features": len(ordered),
            "bytes": len(names),
        }
        body += [names, bytes([linear.steps[feature] for feature in ordered])]
    head = json.dumps(headers, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    return MAGIC + zlib.compress(head + b"".join(body), 9)


def load_weights(data: bytes) -> Weights:
    """Read what `dump_weights` wrote. Raises `WeightsError` where the bytes are cut, foreign, or of another version."""
    if not data.startswith(MAGIC):
        raise WeightsError(
            f"not mood weights: begins with {data[:16]!r}, not {MAGIC!r}; make them with `motline learn`"
        )
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(data[len(MAGIC) :], _MOST_BYTES)
        if not unpacker.eof:
            raise WeightsError("mood weights are cut short or too large; make them again with `motline learn`")
        head, _, body = raw.partition(b"\n")
        return Weights(_languages(json.loads(head), body))
    except (zlib.error, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise WeightsError(f"mood weights cannot be read ({error}); make them again with `motline learn`") from error


def _languages(headers: Mapping[str, Any], body: bytes) -> dict[str, Linear]:
    languages: dict[str, Linear] = {}
    at = 0
    for language, header in sorted(headers.items()):
        if tuple(header["dense"]) != DENSE and set(header["dense"]) != set(DENSE):
            raise WeightsError("mood weights are of another version of the rule layer; make them with `motline learn`")
        middle = at + header["bytes"]
        end = middle + header["features"]
        names = body[at:middle].decode().split("\n") if header["bytes"] else []
        if len(names) != header["features"] or end > len(body):
            raise WeightsError("mood weights hold fewer features than they say; make them again with `motline learn`")
        languages[language] = Linear(
            steps=dict(zip(names, body[middle:end], strict=True)),
            scale=float(header["scale"]),
            dense=tuple(float(header["dense"][name]) for name in DENSE),
            bias=float(header["bias"]),
            share=float(header["share"]),
            watch=float(header["watch"]),
            made=header["made"],
        )
        at = end
    return languages
