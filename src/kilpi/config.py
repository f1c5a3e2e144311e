"""The one settings object. Values come from environment variables KILPI_*; read it at the edges only.

Credentials are `SecretStr`: they print as asterisks and never reach a log line. Nothing is read from
files, so a checkout or a working folder cannot change what a command does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kilpi.errors import UsageError

PREFIX = "KILPI_"
BESIDE = frozenset({"KILPI_DATA", "KILPI_WEIGHTS_OF_DATA"})  # an option's own; a process's word to itself


def _codes(value: object) -> object:
    """ "fi, se" as "FI,SE"."""
    return "".join(value.split()).upper() if isinstance(value, str) else value


Codes = Annotated[str, BeforeValidator(_codes)]


class Settings(BaseSettings):
    """All settings. Every field is the variable KILPI_<FIELD>, for example KILPI_SVV_KEY.

    Only `default_register` is called otherwise, for pydantic has a method `register`.
    """

    model_config = SettingsConfigDict(env_prefix="KILPI_", extra="ignore", frozen=True, populate_by_name=True)

    # General
    log: str = Field(  # of programs that run for long
        default="text", pattern="^(text|json)$", description="text or json"
    )
    weights: Path | None = None  # folder of networks; not set: the ones in the package
    default_register: str = Field(  # a file, a register's name, or several with commas; also --register
        default="", validation_alias="KILPI_REGISTER"
    )
    language: str = "fi"  # of the adverts: fi, sv or en; also --language
    cover_texts: bool = False  # also the car's number on cards and screens; needs kilpi[ocr], takes long

    # Where the cars are registered, "FI" or "FI,SE": their plates need not prove their country. "": anywhere.
    home: Codes = Field(
        default="", pattern="^([A-Z]{2}(,[A-Z]{2})*)?$", description="countries by two letters, FI or FI,SE"
    )

    # Registers: how we ask
    country: Codes = Field(  # of a mark that names none
        default="FI", pattern="^[A-Z]{2}$", description="a country's two letters, as FI"
    )
    register_timeout_s: float = Field(default=10.0, gt=0, le=120)  # for a whole reply, not for one read
    register_retries: int = Field(default=2, ge=0, le=10)
    register_daily_budget: int | None = Field(
        default=None, ge=0
    )  # requests a provider; not set: its map's own
    kept_answers: Path | None = None  # SQLite file; not set: answers are not kept
    kept_days: float = Field(default=7.0, gt=0)
    shares: Path | None = None  # what `kilpi registers table` wrote; not set: the shares in the package
    kept_not_found_hours: float = Field(default=6.0, gt=0)
    # What a look-up costs, euros, for the numbers: "traficom=0.15, dvla=0". "": not said
    register_prices: str = ""

    # Registers: who we are. Endpoint and codes of Traficom come with the contract.
    traficom_url: str = ""
    traficom_user: str = ""
    traficom_password: SecretStr = SecretStr("")
    traficom_message_type: str = ""
    traficom_application: str = ""
    traficom_environment: str = ""
    traficom_customer: str = ""
    traficom_soku_id: str = ""
    traficom_service_id: str = ""
    traficom_query: int = 811  # 811 "perus", 841 "laaja", as the contract allows
    traficom_purpose: str = "4"
    svv_key: SecretStr = SecretStr("")
    dvla_key: SecretStr = SecretStr("")
    motorapi_key: SecretStr = SecretStr("")
    nrplade_key: SecretStr = SecretStr("")
    biluppgifter_key: SecretStr = SecretStr("")
    rdw_app_token: SecretStr = SecretStr("")

    # Cases: where they are kept. The address may hold a password. "": SQLite in the output or data folder.
    database_url: SecretStr = SecretStr("")  # postgresql://user:password@host/name
    keep_days: int = Field(default=90, ge=1)  # after a car was sold or withdrawn, its case is erased
    keep_idle_days: int = Field(  # the same of one that is shown nowhere, after its last event
        default=365, ge=1
    )

    # Free space that stays: below it uploads are refused, mail and watched folders wait. 0: none
    min_free_mb: int = Field(default=500, ge=0)  # MB, on the disk of the data folder

    # REST: requests that a token may make; 0: any number
    rate_per_minute: int = Field(default=600, ge=0)  # answered 429 above it
    # The audit: which part of the accepted cars a person is asked for, and how many of 1 may be wrong.
    audit_share: float = Field(default=0.02, ge=0, le=1)
    promise: float = Field(default=0.001, gt=0, lt=1)

    # Where browsers reach the server, for links in mails: https://cars.example.org
    public_url: str = ""  # also --public-url

    # Sign-in by an organisation's own accounts (OpenID Connect); needs kilpi[oidc]
    oidc_issuer: str = ""  # https://login.example.org/realms/cars; "": names and passwords alone
    oidc_client_id: str = ""  # as the provider has Kilpi registered
    oidc_client_secret: SecretStr = SecretStr("")  # none for a public client
    oidc_name: str = ""  # on the button; "": the issuer's host
    oidc_scopes: str = "openid profile email"
    oidc_role_claim: str = ""  # the claim that gives the role, "groups"; "": an administrator gives it
    oidc_roles: str = ""  # what its values mean: "kilpi-staff=staff, kilpi-admins=admin"
    oidc_dealer_claim: str = ""  # the claim that names a dealer's user's dealer

    # Mail that becomes cars. Senders: "sales@dealer.example=Dealer Oy, @other.example=Other Oy".
    mail_host: str = ""  # of IMAP
    mail_port: int = Field(default=993, ge=1, le=65535)
    mail_tls: str = Field(  # none: on this machine alone
        default="tls", pattern="^(tls|starttls|none)$", description="tls, starttls or none"
    )
    mail_user: str = ""  # of the mailbox
    mail_password: SecretStr = SecretStr("")
    mail_folder: str = "INBOX"  # that is read
    mail_done: str = "Kilpi-done"  # mailboxes that mails are moved to
    mail_failed: str = "Kilpi-failed"
    mail_senders: str = ""  # who may send, each with its dealer
    mail_max_mb: int = Field(default=100, ge=1)  # of a mail, as it lies there; a larger one is not fetched
    mail_checked_by: str = ""  # the name of the server whose "dmarc=pass" is believed; "": From: is
    smtp_host: str = ""  # "": nothing is answered
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_tls: str = Field(  # as above
        default="starttls", pattern="^(tls|starttls|none)$", description="tls, starttls or none"
    )
    smtp_user: str = ""  # "": none is asked for
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = ""  # "": as the mailbox

    # Webhooks: private networks that may be posted to, "10.1.0.0/16, 127.0.0.1". "": none
    hooks_private: str = ""  # everything else that is private is refused

    # Publishing: signs what is posted
    webhook_secret: SecretStr = SecretStr("")  # of kilpi publish; hooks have secrets of their own


def load_settings() -> Settings:
    """Settings from the environment. Raises UsageError: the variables that make no sense, and what would."""
    try:
        return Settings()
    except ValidationError as error:
        told = sorted({_expected(part) for part in error.errors(include_input=False) if part["loc"]})
        raise UsageError(f"settings: {'; '.join(told)}") from None


def _expected(part: Mapping[str, Any]) -> str:
    """The variable and what it may be. Its value stays out: it may be a credential."""
    name = str(part["loc"][0]).upper().removeprefix(PREFIX)
    field = Settings.model_fields.get(name.lower())
    told = (
        part["msg"].replace("Input should be", "").partition(",")[0].replace("valid integer", "whole number")
    )
    wanted = field.description if field and field.description else told.replace("valid ", "").strip()
    return f"{PREFIX}{name} must be {wanted}"


def no_setting(name: str, meant: str, otherwise: str = "") -> str:
    """What is said of one of the `unknown_settings`; `otherwise`: behind it where none is meant."""
    return f"{name} is no setting" + (f"; {meant} is" if meant else otherwise)


def unknown_settings(names: Iterable[str] = os.environ) -> dict[str, str]:
    """Variables KILPI_... that are no setting, each with the setting that is spelt most alike, or ""."""
    known = {
        str(field.validation_alias or PREFIX + name.upper()) for name, field in Settings.model_fields.items()
    }
    odd = sorted(name for name in names if name.startswith(PREFIX) and name not in known | BESIDE)
    return {name: next(iter(get_close_matches(name, known | BESIDE, 1, 0.8)), "") for name in odd}
