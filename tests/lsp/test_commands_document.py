"""docs/commands.md names what there is, and its examples are real."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nrepl_lsp.lsp.announcements import CODE_ACTION_KINDS as KINDS
from nrepl_lsp.lsp.arguments import Arguments

from .editor import Editor

TEXT = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
EXAMPLES: list[Any] = [json.loads(found) for found in re.findall(r"```json\n(.*?)```", TEXT, re.S)]


async def test_every_command_is_documented_and_no_other(
    make_editor: Callable[..., Editor],
) -> None:
    result = await make_editor().initialize()
    commands = result["capabilities"]["executeCommandProvider"]["commands"]
    assert sorted(re.findall(r"^### `(nrepl\.\w+)`", TEXT, re.M)) == sorted(commands)
    words = "eval|load|inter|connect|dis|status|doc|apropos|macro|apply"
    named = set(re.findall(rf"`(nrepl\.(?:{words})\w*)`", TEXT))
    assert named <= set(commands) | set(KINDS)


def test_every_member_of_the_argument_is_documented() -> None:
    members = set(re.findall(r"^\| `(\w+)` \|", TEXT.partition("## Evaluating")[0], re.M))
    assert members - {"position"} == set(Arguments.__annotations__)


def test_the_arguments_of_the_examples_are_taken() -> None:
    calls = [example for example in EXAMPLES if "command" in example]
    assert len(calls) == 13
    for call in calls:
        Arguments.read(tuple(call["arguments"]))


def test_every_code_action_kind_is_documented() -> None:
    for kind in KINDS:
        assert f"`{kind}`" in TEXT


async def test_the_replies_of_the_examples_have_the_real_members(detached: Editor) -> None:
    evaluated = await detached.command("nrepl.evalCode", {"code": "1"})
    (connection,) = (await detached.command("nrepl.status"))["connections"]
    replies = [example for example in EXAMPLES if "values" in example]
    assert len(replies) == 5
    for reply in replies:
        assert reply.keys() == evaluated.keys()
        if reply["error"] is not None:
            assert reply["error"].keys() == evaluated["error"].keys()
    (status,) = (example for example in EXAMPLES if "connections" in example)
    assert status["connections"][0].keys() == connection.keys()
