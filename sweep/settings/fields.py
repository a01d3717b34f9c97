"""Settings that are said once: what a field may be, what it means, and how it is given.

The command line, TOML files, keywords, the manifest and the JSON Schema follow from the fields of
a `Settings` class. All of it is light to import, since ``fitgap --help`` needs it.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Self

from sweep.errors import ConfigurationError, Fault
from sweep.space.rules import Kind, Rule, did_you_mean, plain, shorten, value_faults

Group = Literal["data", "run", "result"]

TABLE: Final = "is not a table; give one"
METAVARS: Final[Mapping[str, str]] = {"integer": "N", "number": "N", "name": "NAME"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Hold what one field of a `Settings` class is.

    Attributes:
        rule: What its values may be; ``rule.meaning`` is a phrase. None where the field checks
            itself.
        otherwise: What holds where it is left out, if its default does not say so.
        default: What it is where it is left out, for people and the JSON Schema.
        optional: Whether None is its default in code.
        part: The class of a table of settings within these.
        group: The heading under which the command line lists it; None if it is no option.
        metavar: What its value is called there.
        missing: What to say where it has to be given and is not.
    """

    rule: Rule
    otherwise: str = ""
    default: Any = None
    optional: bool = False
    part: "type[Settings] | None" = None
    group: Group | None = None
    metavar: str = ""
    missing: str = ""

    @property
    def help(self) -> str:
        """Say what it is and what its default is, as the help of an option."""
        meaning = self.rule.meaning
        if self.rule.names and self.rule.kind == "name":
            *names, last = self.rule.names
            meaning = f"{meaning}: {', '.join(names)} or {last}" if names else f"{last}: {meaning}"
        if self.otherwise:
            return f"{meaning} (default: {self.otherwise})"
        shown = isinstance(self.default, str | int | float) and not isinstance(self.default, bool)
        return f"{meaning} (default {self.default})" if shown and self.default != "" else meaning

    @property
    def description(self) -> str:
        """Say what it is in a sentence, for the JSON Schema."""
        sentence = f"{self.rule.meaning[:1].upper()}{self.rule.meaning[1:]}."
        if self.default is not None or self.missing:
            return sentence
        return f"{sentence} Default: {self.otherwise or 'none'}."


def setting(  # noqa: PLR0913 - all but two by name
    kind: Kind,
    meaning: str,
    default: object = dataclasses.MISSING,
    *,
    group: Group | None = "run",
    otherwise: str = "",
    shown: object = None,
    metavar: str = "",
    missing: str = "",
    **limits: Any,  # noqa: ANN401 - those of a rule
) -> Any:  # noqa: ANN401 - a field, which stands where its value will
    """Define a field that holds one value.

    Args:
        kind: What its values are.
        meaning: What it is, in a phrase.
        default: What it is where it is left out; MISSING where it has to be given, a function for
            a value that can be changed.
        group: See `Setting`.
        otherwise: Likewise.
        shown: The default that people see, where that in the code is None.
        metavar: See `Setting`.
        missing: Likewise.
        limits: Of the values, as in `Rule`.
    """
    made = default() if callable(default) else default
    known = None if default is dataclasses.MISSING else made if shown is None else shown
    of = Setting(
        rule=Rule(kind=kind, meaning=meaning, **{"low": 0 if made == "" else 1, **limits}),
        otherwise=otherwise,
        default=known,
        optional=default is None,
        group=group,
        metavar=metavar or METAVARS.get(kind, "TEXT"),
        missing=missing,
    )
    if callable(default):
        return dataclasses.field(default_factory=default, metadata={"setting": of})
    return dataclasses.field(default=default, metadata={"setting": of})


def part(meaning: str, cls: "type[Settings]", *, group: Group | None = None) -> Any:  # noqa: ANN401 - as above
    """Define a field that holds a table of settings.

    Args:
        meaning: What it is, in a phrase.
        cls: Its class, all of whose fields have a default.
        group: See `Setting`; of the fields within.
    """
    of = Setting(
        rule=Rule(kind="table", meaning=meaning), part=cls, group=group, default=cls().as_json()
    )
    return dataclasses.field(default_factory=cls, metadata={"setting": of})


@dataclasses.dataclass(frozen=True)
class Settings:
    """Check the fields of a frozen dataclass where its values are born.

    Raises:
        ConfigurationError: If a setting is outside its limits, with every such fault.
    """

    def __post_init__(self) -> None:
        """Check all fields, and bring them into their one form."""
        ready, faults = self.prepared({name: getattr(self, name) for name in self.settings()})
        if faults:
            raise ConfigurationError(faults)
        for name, value in ready.items():
            object.__setattr__(self, name, value)

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """Return what each field is, by name."""
        return {field.name: field.metadata["setting"] for field in dataclasses.fields(cls)}

    @classmethod
    def options(cls) -> dict[str, tuple[str, Setting]]:
        """Return the options of the command line, by key: the name of each, and what it is."""
        found: dict[str, tuple[str, Setting]] = {}
        for name, each in cls.settings().items():
            if each.group and each.part:
                found |= {
                    f"{name}.{key}": (f"--{key}", dataclasses.replace(inner, group=each.group))
                    for key, inner in each.part.settings().items()
                }
            elif each.group:
                off = "no-" if each.default is True else ""
                found[name] = (f"--{off}{name.replace('_', '-')}", each)
        return found

    @classmethod
    def read(cls, values: object, faults: Iterable[Fault] = ()) -> Self:
        """Make settings of a table, such as that of a TOML file or of a manifest.

        Args:
            values: A mapping of the names of fields to values, parts being mappings likewise.
            faults: What is already known to be wrong.

        Raises:
            ConfigurationError: With every fault.
        """
        if not isinstance(values, Mapping):
            raise ConfigurationError(f"{shorten(values)} {TABLE}")
        known = cls.settings()
        given = {key: value for key, value in values.items() if key in known}
        told = cls.prepared(given)[1]
        told += [
            Fault(plain(str(key)), cls.unknown(str(key))) for key in values if key not in known
        ]
        told += faults
        if told:
            raise ConfigurationError(told)
        return cls(**given)

    @classmethod
    def prepared(cls, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
        """Bring values of fields into their one form, and list what is wrong with them.

        Args:
            values: By name; all that have no default have to be there.

        Returns:
            The same values, parts made of tables and numbers as floats; and the faults in the
            order of the fields.
        """
        ready, faults = dict(values), list[Fault]()
        for name, each in cls.settings().items():
            if name not in values:
                faults += [Fault(name, each.missing)] if each.missing else []
                continue
            value = values[name]
            if each.part is not None and isinstance(value, Mapping):
                try:
                    ready[name] = each.part.read(value)
                except ConfigurationError as err:
                    faults += [fault.within(name) for fault in err.faults]
            elif not (each.optional and value is None):
                faults += [Fault(name, one) for one in cls.value_faults(name, value)]
                if each.rule.kind == "number" and type(value) is int:
                    ready[name] = float(value)
        return ready, faults

    @classmethod
    def value_faults(cls, name: str, value: Any) -> list[str]:  # noqa: ANN401 - whatever was given
        """List what is wrong with the value of one field, without its name; at most one fault."""
        each = cls.settings()[name]
        if each.part is not None:
            return [] if isinstance(value, each.part) else [f"{shorten(value)} {TABLE}"]
        return value_faults(each.rule, value)

    @classmethod
    def unknown(cls, key: str) -> str:
        """Say that there is no such key."""
        known = cls.settings()
        return f"unknown key; {did_you_mean(key, known) or 'the keys are ' + ', '.join(known)}"

    def as_json(self) -> dict[str, Any]:
        """Return all fields as JSON holds them, and `read` reads them."""
        return {
            name: value.as_json() if isinstance(value := getattr(self, name), Settings) else value
            for name in self.settings()
        }

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - as the fields are
        """Return the same settings but for some.

        Raises:
            ConfigurationError: If a setting is outside its limits, with every such fault.
        """
        return dataclasses.replace(self, **changes)
