import itertools
import typing

import pytest

from sweep.seeds import SEED_BITS, Purpose, derive_seed

PURPOSES = typing.get_args(Purpose)


def test_a_seed_is_the_same_everywhere_and_for_ever():
    # From `printf '0:trial:7' | sha256sum`: the first 31 bits of the digest.
    assert derive_seed(0, "trial", 7) == 0xDFFBC049C68ACF8F >> 33


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_seeds_fit_a_signed_32_bit_integer(seed):
    for purpose in PURPOSES:
        assert 0 <= derive_seed(seed, purpose) < 2**SEED_BITS


def test_purposes_seeds_and_places_are_independent():
    seeds = [
        derive_seed(seed, purpose, *place)
        for seed, purpose, place in itertools.product(
            range(20), PURPOSES, [(), (0,), (1,), (11,), (1, 1)]
        )
    ]

    assert len(set(seeds)) == len(seeds)


def test_half_of_all_seeds_are_in_the_upper_half():
    seeds = [derive_seed(0, "trial", slot) for slot in range(4000)]

    upper = sum(seed >= 2 ** (SEED_BITS - 1) for seed in seeds)
    assert 1850 < upper < 2150  # 4.7 standard deviations
