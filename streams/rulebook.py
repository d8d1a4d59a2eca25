"""The rules in force: a user's file, or the shipped one."""

from pathlib import Path

from streams.core.errors import InvalidRules
from streams.core.rules import RuleBook
from streams.core.rulesfile import parse_rules
from streams.enrich.registry import Registry

SHIPPED = Path(__file__).parent / "rules.toml"


def load_rules(path: Path | None, registry: Registry) -> RuleBook:
    """Read a rules file (None: the shipped one); raises InvalidRules naming file and line."""
    source = path or SHIPPED
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRules(f"can't read the rules file {source}: {error}") from error
    return parse_rules(text, registry.resolve, str(source))
