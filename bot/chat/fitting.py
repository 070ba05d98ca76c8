"""Making paragraphs fit a network's limit, whatever it counts."""

from __future__ import annotations

from collections.abc import Callable

LEAST = 200
"""A paragraph is not cut below this, as long as others are longer."""


def fit(texts: list[str], most: int, size: Callable[[str], int], cut: Callable[[str, int], str]) -> list[str]:
    """Shorten paragraphs to so much in all: the longest give way first, so that what comes last is still read."""
    sizes = [size(text) for text in texts]
    for _ in texts:
        over = sum(sizes) - most
        longest = max(range(len(texts)), key=sizes.__getitem__)
        if over <= 0 or sizes[longest] <= LEAST:
            break
        texts[longest] = cut(texts[longest], max(sizes[longest] - over, LEAST))
        sizes[longest] = size(texts[longest])
    while len(texts) > 1 and sum(sizes) > most:
        texts.pop()
        sizes.pop()
    return [cut(texts[0], most), *texts[1:]] if texts else texts
