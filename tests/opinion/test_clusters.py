"""k-means and silhouettes, against scikit-learn's; and what chance gives."""

from __future__ import annotations

import numpy as np
import pytest

from bot.opinion import clusters
from bot.opinion.groups import BASE_ROUNDS, BASES, PEOPLE_A_GROUP, chance
from bot.opinion.matrix import Floats

NO_CENTRES = np.zeros((0, 2))


def cloud(points: int, seed: int) -> Floats:
    return np.random.default_rng(seed).normal(size=(points, 2))


def clouds(seed: int) -> Floats:
    places = np.repeat([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]], 30, axis=0)
    return places + cloud(90, seed)


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_clusters_are_as_tight_as_those_of_many_tries(k: int) -> None:
    from sklearn.cluster import KMeans

    points = np.vstack([clouds(1), cloud(60, 2)])
    weights = np.ones(len(points))

    labels, centres = clusters.settle(points, weights, clusters.grown(points, weights, NO_CENTRES, k))
    tries = KMeans(k, n_init=50, random_state=0).fit(points)

    assert np.sum((points - centres[labels]) ** 2) <= tries.inertia_ * 1.02


def test_the_silhouette_is_scikit_learns() -> None:
    from sklearn.metrics import silhouette_score

    points = clouds(3)
    labels = np.repeat([0, 1, 2], 30)

    assert clusters.silhouette(points, np.ones(90), labels) == pytest.approx(silhouette_score(points, labels))


def test_a_weight_stands_for_as_many_points() -> None:
    points = clouds(4)[::3]
    labels = np.repeat([0, 1, 2], 10)
    weights = np.arange(30) % 3 + 1
    copies = np.repeat(np.arange(30), weights)

    heavy = clusters.silhouette(points, weights.astype(float), labels)
    many = clusters.silhouette(points[copies], np.ones(len(copies)), labels[copies])

    assert heavy == pytest.approx(many)


def test_one_cluster_or_one_place_has_no_silhouette() -> None:
    assert clusters.silhouette(cloud(5, 0), np.ones(5), np.zeros(5, int)) == 0
    assert clusters.silhouette(np.zeros((4, 2)), np.ones(4), np.array([0, 0, 1, 1])) == 0


def test_there_are_no_more_clusters_than_places() -> None:
    points = np.repeat([[0.0, 1.0], [2.0, 3.0]], 10, axis=0)

    assert len(clusters.grown(points, np.ones(20), NO_CENTRES, 5)) == 2
    assert clusters.halved(points, 100).max() == 1


@pytest.mark.parametrize("people", [12, 20, 40, 100, 300])
def test_chance_reaches_its_level_seldom(people: int) -> None:
    reached = []
    for seed in range(100):
        points, weights = cloud(people, seed), np.ones(people)
        if people > BASES:
            start = clusters.means(points, weights, clusters.halved(points, BASES), np.zeros((BASES, 2)))
            base, points = clusters.settle(points, weights, start, BASE_ROUNDS)
            weights = np.bincount(base, minlength=BASES).astype(float)
        labels = clusters.settle(points, weights, clusters.grown(points, weights, NO_CENTRES, 2))[0]
        if np.bincount(labels, weights).min() >= PEOPLE_A_GROUP:
            reached.append(clusters.silhouette(points, weights, labels))

    assert sum(fit > chance(people) for fit in reached) <= 10
    assert np.quantile(reached, 0.95) >= chance(people) - 0.06
