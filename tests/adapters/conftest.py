"""A network is asked only for what it has: points of the contract that it `lacks` are not collected."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lacking = [item for item in items if _lacks(item)]
    if lacking:
        config.hook.pytest_deselected(items=lacking)
        items[:] = [item for item in items if item not in lacking]


def _lacks(item: pytest.Item) -> bool:
    lacks = getattr(getattr(item, "cls", None), "lacks", frozenset())
    return any(mark.args[0] in lacks for mark in item.iter_markers("ability"))
