import json
from pathlib import Path

import pytest

from sweep.errors import ConfigurationError
from sweep.settings.reading import load_settings
from sweep.settings.storage_address import mask_passwords, read_address
from sweep.settings.sweep_settings import SweepSettings

SECRET = "tiger-6f1c"
WITH_PASSWORD = (
    "postgresql://anna:{}@db.example/runs",
    "postgresql+psycopg://anna:{}@db.example:5432/runs",
    "postgresql://anna:{}@x/y@db.example/runs",
    "postgresql://anna:a/{}?#@db.example/runs",
    "postgresql://anna%3A{}@db.example/runs",
    "postgresql://:{}@db.example/runs",
    "postgresql://db.example/runs?user=anna&password={}",
    "postgresql://db.example/runs?PassWord={}",
    "postgresql://db.example/runs?sslpassword={}",
    "postgresql:///runs?options=-c%20password%3D{}",
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("postgresql://anna@db.example/runs", "postgresql+psycopg://anna@db.example/runs"),
        ("postgresql+psycopg://db.example:5433/runs", "postgresql+psycopg://db.example:5433/runs"),
        ("postgresql:///runs?host=/run/pg", "postgresql+psycopg:///runs?host=/run/pg"),
        ("postgresql://[::1]:5432/runs", "postgresql+psycopg://[::1]:5432/runs"),
        (
            "postgresql://anna@h/runs?sslmode=verify-full&connect_timeout=3",
            "postgresql+psycopg://anna@h/runs?sslmode=verify-full&connect_timeout=3",
        ),
        ("sqlite:////srv/all runs.db", "sqlite:////srv/all runs.db"),
        ("none", None),
    ],
)
def test_an_address_is_kept_with_its_driver(text, kept):
    assert read_address(text) == kept
    assert kept is None or read_address(kept) == kept


def test_a_file_is_kept_with_its_whole_path(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    assert read_address("sqlite:///runs/all.db") == f"sqlite:///{tmp_path}/runs/all.db"


@pytest.mark.parametrize("text", WITH_PASSWORD)
def test_a_password_is_refused_and_not_shown(text):
    with pytest.raises(ValueError, match=r"^it holds a password, .*PGPASSWORD.*pgpass$") as caught:
        read_address(text.format(SECRET))

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not the address of a database"),
        ("db.example/runs", "it is not the address of a database"),
        ("postgresql://h/\0", "it is not the address of a database"),
        ("postgresql://" + "x" * 3000, "it is not the address of a database"),
        ("mysql://anna@h/runs", "mysql is not a kind of database that is supported"),
        ("postgres://anna@h/runs", "postgres is not a kind of database that is supported"),
        ("postgresql+psycopg2://anna@h/runs", "is not a kind of database that is supported"),
        ("http://h/runs", "http is not a kind"),
        ("file:///etc/passwd", "file is not a kind"),
        (f"my secret {SECRET}://h/runs", "this is not a kind"),
        ("postgresql://h:port/runs", "it is not the address of a server"),
        ("postgresql://[::1/runs", "it is not the address of a server"),
        ("postgresql://anna@h/{SCHEMA_VERSION}", "it has a blank, a brace or #"),
        ("postgresql://anna@h/my runs", "it has a blank, a brace or #"),
        ("postgresql://anna@h/runs?application_name=x", "it has a parameter that is none of"),
        ("postgresql://anna@h/runs?krbsrvname=x", "it has a parameter that is none of"),
        ("sqlite://", "it names no file"),
        ("sqlite:///", "it names no file"),
        ("sqlite:///:memory:", "it names no file"),
        ("sqlite:///a.db?mode=memory", "it names no file"),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(text, reason):
    with pytest.raises(ValueError, match=reason.replace("#", r"\#")) as caught:
        read_address(text)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at postgresql://anna:{}@h/d: no", "at postgresql://anna:***@h/d: no"),
        ("mysql://anna:a@{}/b@h/d", "mysql://anna:***@h/d"),
        ("'postgresql://anna:{}", "'postgresql://anna:***"),
        ("host=h password={} user=u", "host=h password=*** user=u"),
        ("?sslpassword={}&x=1", "?sslpassword=***&x=1"),
    ],
)
def test_passwords_are_masked_within_a_text(text, shown):
    assert mask_passwords(text.format(SECRET)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "postgresql+psycopg://anna@h:5432/d: refused", "tcp://HOST:PORT or tls://h:8786",
        'password authentication failed for user "anna"', "runs/a:b@c", "",
    ],
)  # fmt: skip
def test_a_text_without_a_password_stays_as_it_is(text):
    assert mask_passwords(text) == text


def test_the_settings_keep_the_address_and_read_it_again():
    settings = SweepSettings(data="digits", storage="postgresql://anna@h/runs")
    kept = json.loads(json.dumps(settings.as_json()))

    assert kept["storage"] == "postgresql+psycopg://anna@h/runs"
    assert SweepSettings.read(kept) == settings
    assert SweepSettings(data="digits", storage="none").storage is None


@pytest.mark.parametrize("text", WITH_PASSWORD)
def test_an_option_with_a_password_is_refused_by_its_name(text):
    with pytest.raises(ConfigurationError, match=r"^--storage: it holds a password") as caught:
        load_settings(None, {"data": "digits", "storage": text.format(SECRET)}, [], None)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "storage = 'postgresql://anna:{}@h/runs'",
        "storage = 'postgresql://anna:{}@h/runs",
        "storage = 'postgresql://anna:{}" + "x" * 200 + "@h/runs",
        "storage = ['postgresql://anna:{}@h/runs']",
        "storrage = 'postgresql://anna:{}@h/runs'",
    ],
)
def test_a_file_with_a_password_is_refused_without_it(line, tmp_path: Path):
    file = tmp_path / "sweep.toml"
    file.write_text("data = 'digits'\n" + line.format(SECRET) + "\n")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file, {}, [], None)

    assert SECRET not in mask_passwords(str(caught.value))
