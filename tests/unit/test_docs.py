"""What the documents tell a reader to type is there, under the names that they give."""

import re
import shlex
from pathlib import Path

import pytest
from test_compose import resolve

from streams.cli.main import COMMANDS
from streams.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), ROOT / "seeds/README.md"])
FENCED = re.compile(r"^[> ]*```(\w*)\n(.*?)^[> ]*```", re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"^[># ]*(?:[A-Z_]+=\S+ +)*(?:\S*/bin/)?summitry +(?P<arguments>[a-z].*)$")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")


def commands(text: str) -> list[list[str]]:
    """The arguments of each `summitry` command in the fenced blocks."""
    found = []
    for block in (block for language, block in FENCED.findall(text) if language in ("", "sh", "ini")):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r" \| ", line.removeprefix("ExecStart=").strip()):
                match = TYPED.match(part)
                if match:
                    words = shlex.split(match["arguments"], comments=True)
                    found.append([word for word in _until_redirect(words) if word != "%i"])
    return found


def _until_redirect(words: list[str]) -> list[str]:
    return words[: words.index(">")] if ">" in words else words


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_each_command_is_one(path: Path) -> None:
    """Its name, options and arguments are taken by the command line."""
    for arguments in commands(path.read_text("utf-8")):
        if arguments[0] == "worker" and len(arguments) == 1:
            arguments.append("entities")  # a unit's %i
        resolve(arguments)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_each_command_that_is_named_is_there(path: Path) -> None:
    """In passing too, without its arguments."""
    for name in re.findall(r"`summitry ([a-z][a-z-]*)", path.read_text("utf-8")):
        assert name in COMMANDS


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_each_setting_is_one(path: Path) -> None:
    """No document names a variable that nothing reads."""
    known = {f"SUMMITRY_{name.upper()}" for name in Settings.model_fields} | {"SUMMITRY_POSTGRES_PASSWORD"}
    named = set(re.findall(r"\bSUMMITRY_[A-Z_]+\b", path.read_text("utf-8")))
    assert named <= known


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_each_link_leads_somewhere(path: Path) -> None:
    """Relative links name files and folders that are there."""
    missing = [link for link in LINK.findall(path.read_text("utf-8")) if not (path.parent / link).exists()]
    assert missing == []


def test_the_guide_has_commands() -> None:
    """So that the first test above can fail."""
    found = commands((ROOT / "docs/deployment.md").read_text("utf-8"))
    assert ["streams", "apply"] in found
    assert ["worker"] in found
    assert len(commands((ROOT / "README.md").read_text("utf-8"))) > 8
