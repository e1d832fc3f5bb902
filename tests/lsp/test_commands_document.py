"""docs/commands.md names what there is, and its examples are real."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.announcements import CODE_ACTION_KINDS as KINDS
from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.settings import KEYS as SETTINGS

from .editor import Editor

TEXT = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
EXAMPLES: list[Any] = [json.loads(found) for found in re.findall(r"```json\n(.*?)```", TEXT, re.S)]


async def test_every_command_is_documented_and_no_other(
    make_editor: Callable[..., Editor],
) -> None:
    result = await make_editor().initialize()
    commands = result["capabilities"]["executeCommandProvider"]["commands"]
    assert sorted(re.findall(r"^### `(nrepl\.\w+)`", TEXT, re.M)) == sorted(commands)
    words = "[a-z]+[A-Z]|eval|load|inter|connect|dis|status|doc|apropos|macro|reload|undef"
    named = set(re.findall(rf"`(nrepl\.(?:{words})\w*)`", TEXT))
    assert named <= {*commands, *KINDS, *(f"nrepl.{key}" for key in SETTINGS)}


def test_every_member_of_the_argument_is_documented() -> None:
    members = set(re.findall(r"^\| `(\w+)` \|", TEXT.partition("## Evaluating")[0], re.M))
    # What `position` becomes is a range, in our units.
    assert members - {"position", "positionEncoding"} == set(Arguments.__annotations__)


def test_the_arguments_of_the_examples_are_taken() -> None:
    calls = [example for example in EXAMPLES if "command" in example]
    assert len(calls) == 38
    for call in calls:
        Arguments.read(tuple(call["arguments"]))


def test_every_code_action_kind_is_documented() -> None:
    for kind in KINDS:
        assert f"`{kind}`" in TEXT


def sections() -> dict[str, list[Any]]:
    """Command → the replies in its section."""
    found = {}
    for section in re.split(r"^### ", TEXT, flags=re.M)[1:]:
        if name := re.match(r"`(nrepl\.\w+)`", section):
            examples = re.findall(r"```json\n(.*?)```", section.partition("\n## ")[0], re.S)
            replies = [reply for reply in map(json.loads, examples) if "command" not in reply]
            found[name[1]] = replies
    return found


#: Members of replies that come only once something was evaluated.
ADDED = {
    "nrepl.evalBuffer": {"evaluated", "forms"},
    "nrepl.evalChangedForms": {"evaluated", "changed"},
}


@pytest.mark.parametrize(("command", "replies"), sections().items())
async def test_the_replies_of_the_examples_have_the_real_members(
    detached: Editor, command: str, replies: list[Any]
) -> None:
    assert replies
    if command in ("nrepl.connect", "nrepl.disconnect"):
        # Members of `nrepl.status`, which the examples leave out.
        assert all("…" in reply or not reply["connected"] for reply in replies)
        return
    real = await detached.command(command)
    for reply in replies:
        assert reply.keys() >= real.keys()
        assert reply.keys() <= real.keys() | ADDED.get(command, set())


async def test_the_status_of_the_example_has_the_real_members(detached: Editor) -> None:
    (connection,) = (await detached.command("nrepl.status"))["connections"]
    (status,) = sections()["nrepl.status"]
    assert status["connections"][0].keys() == connection.keys()
