import json
import re

import pytest

from sweep.errors import ConfigurationError
from sweep.settings.schema import config_schema
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import KEYS


def fits(value, schema, root):
    """Judge a value by the part of JSON Schema that the configuration's schema uses."""
    known = {
        "$ref", "$schema", "$defs", "title", "description", "default", "anyOf", "type", "enum",
        "const",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "items",
        "minItems", "maxItems", "uniqueItems", "properties", "required", "additionalProperties",
        "minProperties",
    }  # fmt: skip
    assert schema.keys() <= known, schema.keys() - known
    if "$ref" in schema:
        name = re.fullmatch(r"#/\$defs/(\w+)", schema["$ref"])[1]
        return fits(value, root["$defs"][name], root)
    if "anyOf" in schema:
        return any(fits(value, option, root) for option in schema["anyOf"])
    return fits_type(value, schema) and fits_limits(value, schema, root)


def fits_type(value, schema):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        "object": isinstance(value, dict),
        "array": isinstance(value, list),
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "number": is_number,
        "integer": is_number and float(value).is_integer(),
    }[schema["type"]]


def fits_limits(value, schema, root):
    match schema["type"]:
        case "object":
            inside = schema["properties"]
            return (
                value.keys() <= inside.keys()
                and value.keys() >= set(schema.get("required", ()))
                and len(value) >= schema.get("minProperties", 0)
                and all(fits(item, inside[key], root) for key, item in value.items())
            )
        case "array":
            return (
                schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
                and (
                    "uniqueItems" not in schema
                    or len({json.dumps(item) for item in value}) == len(value)
                )
                and all(fits(item, schema["items"], root) for item in value)
            )
        case "string":
            known = schema.get("enum", [schema.get("const", value)])
            return value in known and len(value) >= schema.get("minLength", 0)
        case "integer" | "number":
            return (
                value >= schema.get("minimum", value)
                and value <= schema.get("maximum", value)
                and value > schema.get("exclusiveMinimum", value - 1)
                and value < schema.get("exclusiveMaximum", value + 1)
            )
    return True


GOOD = [
    {},
    {"data": "digits", "trials": 5, "epochs": 10, "sampler": "grid", "baselines": False},
    {"class_weight": "balanced"},
    {"split": {"train": 0.5, "validation": 0.25, "test": 0.25}, "confirm": 0, "lag": 4},
    {"space": {"depth": 0, "width": [8, 16], "dropout": {"low": 0.0, "high": 0.5}}},
    {"space": {"learning_rate": {"adam": 0.1, "sgd": {"low": 0.1, "high": 1, "log": True}}}},
    {"space": {"learning_rate": {"low": 0.001, "high": 0.1}, "use_bias": [True, False]}},
    {"space": {"activation": ["relu", "tanh"], "optimizer": "sgd", "max_parameters": 10_000}},
    {"columns": {"categorical": ["zip"], "id": ["name"], "weight": "w"}, "log_target": True},
    {"header": False, "decimal": ",", "test": "later.csv"},
    {"start": [{"depth": 2, "width": 16}, {"optimizer": "sgd", "learning_rate": 0.1}]},
]

BAD = [
    {"trials": 0},
    {"trials": "5"},
    {"trials": True},
    {"tirals": 5},
    {"seed": -1},
    {"sampler": "bayes"},
    {"class_weight": "balancd"},
    {"batch_size": 32},
    {"split": {"test": 0}},
    {"columns": {"drop": "zip"}},
    {"columns": {"dorp": ["zip"]}},
    {"decimal": ";"},
    {"split": {"tset": 0.5}},
    {"space": {"widht": 3}},
    {"space": {"depth": -1}},
    {"space": {"width": 1.5}},
    {"space": {"width": []}},
    {"space": {"width": [8, 8]}},
    {"space": {"dropout": 1.0}},
    {"space": {"dropout": {"low": 0.1}}},
    {"space": {"activation": "relo"}},
    {"space": {"learning_rate": 0}},
    {"space": {"learning_rate": {"adam": 0}}},
    {"space": {"learning_rate": {"adma": 0.1}}},
    {"space": {"epochs": [5, 10]}},
]


@pytest.mark.parametrize("document", GOOD)
def test_the_schema_accepts_what_the_tool_accepts(document):
    schema = config_schema()

    assert fits(document, schema, schema)
    SweepSettings.read({"data": "digits"} | document)


@pytest.mark.parametrize("document", BAD)
def test_the_schema_refuses_what_the_tool_refuses(document):
    schema = config_schema()

    assert not fits(document, schema, schema)
    with pytest.raises(ConfigurationError):
        SweepSettings.read({"data": "digits"} | document)


def test_a_manifests_settings_fit_the_schema():
    schema = config_schema()
    settings = SweepSettings(data="digits").as_json()

    given = {key: value for key, value in settings.items() if value is not None}

    assert fits(given, schema, schema)


def test_every_key_is_there_with_its_description_and_default():
    schema = config_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"].keys() == SweepSettings.settings().keys()
    assert schema["properties"]["space"]["properties"].keys() == set(KEYS)
    described = schema["properties"] | schema["properties"]["space"]["properties"]
    for key, part in described.items():
        assert part.get("description"), key
        no_default = key == "data" or "Default: " in part["description"]
        assert "default" in part or no_default or "No limit" in part["description"], key


def test_the_defaults_in_the_schema_are_those_of_the_settings():
    properties = config_schema()["properties"]
    defaults = SweepSettings(data="digits").as_json()

    shown = {key: part["default"] for key, part in properties.items() if "default" in part}

    assert shown == {key: defaults[key] for key in shown}
    assert {key for key in defaults if key not in shown} == {
        "data",
        "target",
        "task",
        "group",
        "class_weight",
        "data_dir",
        "header",
        "decimal",
        "test",
        "rows",
        "workers",
        "budget",
        "pruner",
        "lag",
        "storage",
        "score",
        "trial_timeout",
        "memory_limit",
    }


def test_the_schema_is_json():
    assert json.loads(json.dumps(config_schema())) == config_schema()
