import numpy as np

from studies.catalog.optimizer.design import spec


def test_by_default_there_are_at_least_nine_rates_an_optimizer(design_of):
    grids = {}
    for arm in design_of(spec).arms:
        grids.setdefault(arm.candidates[0].optimizer, []).append(arm.candidates[0].learning_rate)

    assert {name: len(rates) >= 9 for name, rates in grids.items()} == dict.fromkeys(grids, True)
    spans = {round(np.log10(max(rates) / min(rates)), 6) for rates in grids.values()}
    assert spans == {5.0}
