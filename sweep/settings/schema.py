"""The JSON Schema of the configuration file, for editors that check and complete TOML."""

from typing import Any, Final

from sweep.optimizers import OPTIMIZERS
from sweep.scores import SCORES
from sweep.settings.fields import Setting, Settings
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.rules import MAX_PARAMETERS, MOST_CHOICES, RULES, Rule
from sweep.space.search_space import SearchSpace
from sweep.space.starts import MOST_STARTS, START_RULES
from sweep.space.writing import space_table

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]  # JSON, whose depth the type system cannot say


def config_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of the file that ``--config`` takes.

    Every key has a description and, where it may be left out, its default. No key is required,
    since the command line can give what the file does not.
    """
    schema = _table_schema(SweepSettings)
    properties: Schema = schema["properties"]
    properties["score"]["enum"] = list(SCORES)
    properties["space"] |= _space_schema() | {"default": space_table(SearchSpace())}
    properties["start"] |= {
        "items": {
            "type": "object",
            "properties": {
                key: {"description": rule.meaning, **_value_schema(rule)}
                for key, rule in START_RULES.items()
            },
            "additionalProperties": False,
        },
        "maxItems": MOST_STARTS,
        "uniqueItems": True,
    }
    return {
        "$schema": DIALECT,
        "title": "fitgap configuration",
        "description": "Settings of a sweep: what `fitgap sweep --config` reads.",
        **schema,
    }


def _table_schema(cls: type[Settings]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _property(each) for name, each in cls.settings().items()},
    }


def _property(each: Setting) -> Schema:
    """Write one key. TOML has no null: a key without a value is left out instead."""
    default = {} if each.default is None else {"default": each.default}
    kind = _value_schema(each.rule) if each.part is None else _table_schema(each.part)
    return {"description": each.description, **kind, **default}


def _space_schema() -> Schema:
    defaults = space_table(SearchSpace())
    properties = {
        key: _parameter_schema(rule) | {"default": defaults[key]}
        for key, rule in RULES.items()
        if key in defaults
    }
    rates = {name: _parameter_schema(RULES[f"learning_rate.{name}"]) for name in OPTIMIZERS}
    properties["learning_rate"] = {
        "description": "Step size: one for all optimizers, or a table with one for each.",
        "default": defaults["learning_rate"],
        "anyOf": [
            *_forms(RULES["learning_rate.adam"]),
            {
                "type": "object",
                "properties": rates,
                "additionalProperties": False,
                "minProperties": 1,
            },
        ],
    }
    properties["max_parameters"] = {
        "description": f"{MAX_PARAMETERS.meaning} No limit by default.",
        **_value_schema(MAX_PARAMETERS),
    }
    return {
        "title": "Search space",
        "description": "What may vary from trial to trial: a value, a list of choices or a range.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _parameter_schema(rule: Rule) -> Schema:
    return {"description": rule.meaning, "anyOf": _forms(rule)}


def _forms(rule: Rule) -> list[Schema]:
    value = _value_schema(rule)
    choices = {
        "type": "array",
        "items": value,
        "minItems": 1,
        "maxItems": MOST_CHOICES,
        "uniqueItems": True,
    }
    if not rule.has_range:
        return [value, choices]
    log = {
        "type": "boolean",
        "description": "Whether equal ratios are equally likely, rather than equal differences.",
        "default": rule.log,
    }
    interval = {
        "type": "object",
        "properties": {"low": value, "high": value, "log": log},
        "required": ["low", "high"],
        "additionalProperties": False,
    }
    return [value, choices, interval]


def _value_schema(rule: Rule) -> Schema:
    match rule.kind:
        case "boolean" | "table":
            return {"type": "boolean" if rule.kind == "boolean" else "object"}
        case "name":
            return {"type": "string", "enum": list(rule.names)}
        case "text":
            return {"type": "string", "minLength": int(rule.low)}
        case "texts":
            return {"type": "array", "items": {"type": "string"}}
        case "tables":
            return {"type": "array"}
        case _:
            low = "exclusiveMinimum" if rule.above_low else "minimum"
            high = "exclusiveMaximum" if rule.below_high else "maximum"
            return {"type": rule.kind, low: _bound(rule.low), high: _bound(rule.high)}


def _bound(value: float) -> float:
    return int(value) if float(value).is_integer() else value
