from __future__ import annotations

from pathlib import Path

import pytest

from kilpi.config import Settings, load_settings, unknown_settings
from kilpi.errors import UsageError


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KILPI_SVV_KEY", "hush")
    monkeypatch.setenv("KILPI_KEPT_ANSWERS", "kept.sqlite")
    monkeypatch.setenv("KILPI_REGISTER", "stock.csv")
    settings = load_settings()
    assert settings.svv_key.get_secret_value() == "hush"
    assert settings.kept_answers == Path("kept.sqlite")
    assert settings.default_register == "stock.csv"


def test_credentials_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KILPI_TRAFICOM_PASSWORD", "hush")
    assert "hush" not in repr(load_settings()) + str(load_settings()) + load_settings().model_dump_json()


@pytest.mark.parametrize(
    ("name", "value"),
    [("KILPI_REGISTER_TIMEOUT_S", "soon"), ("KILPI_COUNTRY", "Finland"), ("KILPI_REGISTER_RETRIES", "-1")],
)
def test_nonsense_is_told_by_variable_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=name) as caught:
        load_settings()
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("KILPI_HOME", "Finland", "countries by two letters, FI or FI,SE"),
        ("KILPI_COUNTRY", "Finland", "a country's two letters, as FI"),
        ("KILPI_LOG", "xml", "text or json"),
        ("KILPI_SMTP_TLS", "ssl", "tls, starttls or none"),
        ("KILPI_KEEP_DAYS", "never", "a whole number"),
        ("KILPI_KEPT_DAYS", "never", "a number"),
        ("KILPI_REGISTER_TIMEOUT_S", "1000", "less than or equal to 120"),
    ],
)
def test_what_a_variable_may_be_is_said(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as caught:
        load_settings()
    assert str(caught.value) == f"settings: {name} must be {wanted}"


def test_every_pattern_is_told_in_words() -> None:
    for name, field in Settings.model_fields.items():
        if any(getattr(part, "pattern", None) for part in field.metadata):
            assert field.description, name


def test_codes_of_countries_are_taken_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KILPI_HOME", "fi, Se")
    monkeypatch.setenv("KILPI_COUNTRY", "se")
    assert (load_settings().home, load_settings().country) == ("FI,SE", "SE")


def test_a_variable_that_is_no_setting_is_found_with_the_one_that_was_meant() -> None:
    names = ["KILPI_KEEP_DAY", "KILPI_X", "KILPI_REGISTER", "KILPI_DATA", "KILPI_WEIGHTS_OF_DATA", "PATH"]
    assert unknown_settings(names) == {"KILPI_KEEP_DAY": "KILPI_KEEP_DAYS", "KILPI_X": ""}


def test_every_credential_is_secret() -> None:
    for name, field in Settings.model_fields.items():
        if name.endswith(("_key", "_password", "_token")):
            assert "SecretStr" in str(field.annotation), name


def test_files_are_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KILPI_SVV_KEY=from-a-file\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KILPI_SVV_KEY", raising=False)
    assert load_settings().svv_key.get_secret_value() == ""


def test_the_database_address_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KILPI_DATABASE_URL", "postgresql://kilpi:hush@db/kilpi")
    monkeypatch.setenv("KILPI_KEEP_DAYS", "30")
    settings = load_settings()
    assert "hush" not in repr(settings) + settings.model_dump_json()
    assert settings.database_url.get_secret_value().endswith("hush@db/kilpi")
    assert settings.keep_days == 30
