"""Invent the houses of README's example: no real ones, but written as people write such tables.

Usage: python examples/make_houses.py [FOLDER]
"""

import csv
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

COLUMNS = ("address", "neighbourhood", "built", "sold", "area", "bedrooms", "garage", "price")
NEIGHBOURHOODS = {
    "Harbour": 0.25,
    "Hillside": 0.1,
    "Old Town": 0.15,
    "Riverside": 0,
    "Westend": 0.4,
}
STREETS = ("Acacia Avenue", "Chapel Street", "Elm Road", "King Street", "Mill Lane", "Station Road")
FIRST_DAY = dt.date(2022, 1, 3)
KNOWN, NEW = 500, 20
DAYS = 1200


def invent_houses(number: int, rng: np.random.Generator) -> list[list[str]]:
    """Return rows of cells, in order of the day of sale.

    The price follows area, neighbourhood, age, garage and day of sale, and a tenth of chance.
    """
    days = np.sort(rng.integers(DAYS, size=number))
    places = [f"{place} {street}" for street in STREETS for place in range(1, 200)]
    addresses = rng.permutation(places)[:number]
    return [
        _invent_house(str(address), int(day), rng)
        for address, day in zip(addresses, days, strict=True)
    ]


def _invent_house(address: str, day: int, rng: np.random.Generator) -> list[str]:
    neighbourhood = str(rng.choice(list(NEIGHBOURHOODS)))
    built = int(rng.integers(1900, 2022))
    area = rng.lognormal(4.9, 0.35)
    bedrooms = int(np.clip(round(area / 45 + rng.normal(0, 0.6)), 1, 6))
    garage = rng.random() < 0.6
    price = (
        2200 * area**0.95 * np.exp(NEIGHBOURHOODS[neighbourhood] - (2022 - built) / 400)
        * (1 + 0.04 * garage) * (1 + 0.06 * day / 365) * rng.lognormal(0, 0.1)
    )  # fmt: skip
    return [
        address,
        neighbourhood,
        str(built),
        (FIRST_DAY + dt.timedelta(days=day)).isoformat(),
        f"{area:.0f} m²",
        "NA" if rng.random() < 0.04 else str(bedrooms),
        "yes" if garage else "no",
        f"${round(price, -2):,.2f}",
    ]


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a CSV file; a price has commas and stands in quotes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main(folder: Path) -> None:
    """Write houses that were sold, and the last ones without their price."""
    houses = invent_houses(KNOWN + NEW, np.random.default_rng(0))
    write_table(folder / "houses.csv", COLUMNS, houses[:KNOWN])
    write_table(folder / "new-houses.csv", COLUMNS[:-1], [house[:-1] for house in houses[KNOWN:]])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
