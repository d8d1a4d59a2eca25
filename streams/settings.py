"""What the environment may say: each setting is an environment variable that begins SUMMITRY_."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from streams.core.facets import Stage
from streams.topology import Stream


class Settings(BaseSettings):
    """Read from the environment; passwords, and the store's URL, which may hold one, are never printed."""

    model_config = SettingsConfigDict(env_prefix="SUMMITRY_", frozen=True)

    bootstrap: str = Field(default="127.0.0.1:19092", description="The broker's host:port[,host:port…].")
    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How the broker is spoken to: by TLS, by SASL, or both."
    )
    ca: Path | None = Field(
        default=None,
        description="Who vouches for the broker's certificate (PEM), if the system doesn't know.",
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", description="How the broker is told who asks."
    )
    username: str | None = Field(default=None, description="Who asks the broker, with SASL.")
    password: SecretStr | None = Field(default=None, description="And the password.")
    store: SecretStr = Field(
        default=SecretStr("sqlite:///summitry.db"), description="Where the sink keeps its tables."
    )
    rules: Path | None = Field(default=None, description="A rules file instead of the shipped one.")
    registry: Path | None = Field(default=None, description="A file of actors added to the shipped ones.")
    prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]{0,64}$",
        description="Put before the name of each stream and consumer group.",
    )
    partitions: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=3, description="How many partitions `summitry streams apply` gives each stream."
    )
    session_seconds: Annotated[float, Field(ge=1)] = Field(
        default=10.0, description="How long a worker may be silent before its partitions move on."
    )
    instance: str | None = Field(
        default=None,
        max_length=256,
        description="A name of this sink's own that stays when it is restarted: it then need not wait"
        " until its own lease has run out.",
    )
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="The least level logged."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="Log lines for people, or a JSON object each."
    )
    http_host: str = Field(default="127.0.0.1", description="Where /metrics and /health are served.")
    http_port: Annotated[int, Field(ge=0, le=65_000)] = Field(
        default=9464,
        description="Their port at the sink; the three workers take the next ones. 0: none.",
    )

    @model_validator(mode="after")
    def _has_what_security_needs(self) -> Self:
        if self.uses_sasl and (self.username is None or self.password is None):
            raise ValueError(f"{self.security} needs SUMMITRY_USERNAME and SUMMITRY_PASSWORD")
        if self.ca is not None and not self.ca.is_file():
            raise ValueError(f"SUMMITRY_CA names {self.ca}, which is no file")
        return self

    @property
    def uses_tls(self) -> bool:
        """Whether the broker is spoken to by TLS."""
        return self.security.endswith("SSL")

    @property
    def uses_sasl(self) -> bool:
        """Whether the broker wants to know who asks."""
        return self.security.startswith("SASL")

    def stream_name(self, stream: Stream) -> str:
        """The name of the stream's Kafka topic."""
        return self.prefix + stream.name

    def group_name(self, stage: Stage) -> str:
        """The name of the consumer group of a stage's workers."""
        return f"{self.prefix}summitry-{stage}"

    def environment(self) -> dict[str, str]:
        """The environment that gives a child process these settings."""
        return {
            f"SUMMITRY_{name.upper()}": value.get_secret_value()
            if isinstance(value, SecretStr)
            else str(value)
            for name, value in self
            if value is not None
        }

    @property
    def is_local(self) -> bool:
        """Whether the broker's address is one port of this machine."""
        host, _, port = self.bootstrap.rpartition(":")
        return host in ("127.0.0.1", "localhost") and port.isdigit()

    @property
    def shown_store(self) -> str:
        """The store's URL without its password."""
        from sqlalchemy import make_url  # noqa: PLC0415  workers need no SQL: 0.2 s and 9 MB less

        return make_url(self.store.get_secret_value()).render_as_string(hide_password=True)
