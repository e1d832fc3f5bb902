"""The Lua of editors/neovim, run by Neovim itself, without a screen and without a program."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .editor import Missing
from .neovim import FOLDER, program, runtime

#: A server of our own in Lua: it answers `initialize`, and keeps what it is asked in `_G.asked`.
SERVER = """
vim.opt.runtimepath:prepend(vim.env.PLUGIN)
local asked = {}
_G.asked = asked
local function cmd(dispatchers)
  local closing = false
  _G.notify = function(method, params)
    dispatchers.notification(method, params)
  end
  _G.finish = function()
    closing = true
    dispatchers.on_exit(0, 0)
  end
  return {
    request = function(method, params, callback)
      if method == "initialize" then
        _G.announced = params.capabilities.experimental
        callback(nil, { capabilities = {
          positionEncoding = "utf-16",
          executeCommandProvider = { commands = {
            "nrepl.evalForm", "nrepl.evalSelection", "nrepl.sendInput", "nrepl.interrupt",
            "nrepl.connect", "nrepl.namespaces", "nrepl.switchNamespace", "nrepl.copyResult",
            "nrepl.showOutput",
          } },
        } })
      else
        asked[#asked + 1] = params
        local answers = _G.answers or {}
        callback(nil, answers[params.command] or vim.empty_dict())
      end
      return true, 1
    end,
    notify = function()
      return true
    end,
    is_closing = function()
      return closing
    end,
    terminate = finish,
  }
end
_G.begin = function(options)
  vim.lsp.config("nrepl_lsp", { cmd = cmd })
  require("nrepl_lsp").setup(options)
  vim.cmd.edit(vim.env.FILE)
  assert(vim.wait(5000, function()
    local client = vim.lsp.get_clients({ name = "nrepl_lsp", bufnr = 0 })[1]
    return client and client.initialized
  end), "nothing is attached")
end
_G.uri = function()
  return vim.uri_from_bufnr(0)
end
_G.range = function(line, from, to)
  return { start = { line = line, character = from }, ["end"] = { line = line, character = to } }
end
--- The texts that stand behind the code, by line from 0.
_G.beside = function()
  local found = {}
  local namespace = vim.api.nvim_get_namespaces()["nrepl_lsp.results"]
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
    local text = mark[4].virt_text
    if text then
      found[#found + 1] = { mark[2], text[#text][1], text[#text][2] }
    end
  end
  return found
end
_G.evaluation = function(state, more)
  notify("nrepl/evaluation", vim.tbl_extend("force", {
    evaluation = "1", uri = uri(), range = range(0, 0, 9), title = "(area 3)", quiet = false,
    state = state, error = vim.NIL,
  }, more or {}))
  vim.wait(20)
end
_G.done = function(more)
  evaluation("queued", more)
  evaluation("sent", more)
  evaluation("done", vim.tbl_extend("force", {
    values = { "9" }, place = range(0, 0, 9), summary = "=> 9", message = "=> 9",
  }, more or {}))
end
"""

TEXT = '(area "🙂") (b)\n(c\n 1)\n'


@pytest.fixture(autouse=True)
def installed() -> None:
    try:
        program()
    except Missing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


def lua(folder: Path, code: str, *, file: str = "demo.clj") -> Any:
    """What the code returns in a Neovim that knows nothing but the plugin."""
    demo = folder / file
    demo.parent.mkdir(parents=True, exist_ok=True)
    demo.write_text(TEXT, encoding="utf-8")
    script = folder / "script.lua"
    body = f"local function run()\n{code}\nend\nio.write(vim.json.encode({{ value = run() }}))"
    script.write_text(f"{SERVER}\n{body}\n", encoding="utf-8")
    done = subprocess.run(
        [program(), "--clean", "--headless", "-l", script],
        env={
            **os.environ,
            **runtime(),
            "FILE": str(demo),
            "HOME": str(folder),
            "NVIM_LOG_FILE": os.devnull,
            "PLUGIN": str(FOLDER),
            "XDG_STATE_HOME": str(folder / "state"),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]).get("value")


def test_the_bare_server_opts_in_to_nothing(tmp_path: Path) -> None:
    code = """
    local config = vim.lsp.config.nrepl_lsp
    return { config.cmd, config.capabilities or false, vim.fn.exists(":Nrepl") }
    """
    assert lua(tmp_path, code)[:2] == [["nrepl-lsp"], False]


def test_setup_opts_in_to_what_it_shows(tmp_path: Path) -> None:
    code = """
    begin()
    local settings = vim.lsp.get_clients()[1].settings.nrepl.results
    return { announced.nrepl, settings.show, vim.fn.exists(":Nrepl") }
    """
    assert lua(tmp_path, code) == [{"evaluation": True, "input": True, "status": True}, "none", 2]


def test_without_its_parts_the_server_shows_and_asks(tmp_path: Path) -> None:
    code = """
    begin({ results = false, input = false })
    return { announced.nrepl, vim.lsp.get_clients()[1].settings }
    """
    assert lua(tmp_path, code) == [{"evaluation": True, "status": True}, {"nrepl": []}]


def test_the_users_way_of_showing_results_goes_before(tmp_path: Path) -> None:
    code = """
    vim.lsp.config("nrepl_lsp", { settings = { nrepl = { results = { show = "diagnostic" } } } })
    begin()
    done()
    local show = vim.lsp.get_clients()[1].settings.nrepl.results.show
    return { show, package.loaded["nrepl_lsp.results"] or false }
    """
    assert lua(tmp_path, code) == ["diagnostic", False]


def test_a_value_stands_behind_its_form_and_moves_with_it(tmp_path: Path) -> None:
    code = """
    begin()
    done()
    vim.api.nvim_buf_set_lines(0, 0, 0, false, { "; above" })
    return beside()
    """
    assert lua(tmp_path, code) == [[1, "=> 9", "NreplResult"]]


def test_an_error_is_told_apart(tmp_path: Path) -> None:
    code = """
    begin()
    evaluation("sent")
    evaluation("error", { values = {}, place = range(0, 0, 9), summary = "✗ boom",
      error = { message = "boom" } })
    return beside()
    """
    assert lua(tmp_path, code) == [[0, "✗ boom", "NreplError"]]


def test_what_the_server_says_is_gone_goes(tmp_path: Path) -> None:
    code = """
    begin()
    done()
    done({ evaluation = "2", place = range(2, 0, 2) })
    notify("nrepl/results", { uri = uri(), standing = { "2" } })
    vim.wait(20)
    return vim.tbl_map(function(one) return one[1] end, beside())
    """
    assert lua(tmp_path, code) == [2]


def test_what_runs_counts_its_seconds(tmp_path: Path) -> None:
    code = """
    begin()
    evaluation("queued")
    evaluation("sent")
    local before = beside()
    vim.wait(3000, function() return beside()[1] ~= nil end)
    local during = beside()
    evaluation("interrupted", { values = {}, message = "Interrupted: (f)" })
    return { #before, during, #beside(), require("nrepl_lsp").status() }
    """
    before, during, after, status = lua(tmp_path, code)
    assert (before, after, status) == (0, 0, "○ nREPL detached")
    assert re.fullmatch(r"⋯ \d+ s", during[0][1])


def test_a_place_that_is_not_there_any_more_is_no_error(tmp_path: Path) -> None:
    code = """
    begin()
    evaluation("queued", { range = range(40, 7, 90) })
    done({ place = range(40, 7, 90) })
    return beside()
    """
    assert lua(tmp_path, code) == [[3 - 1, "=> 9", "NreplResult"]]


def test_a_document_that_is_not_open_is_not_made_a_buffer(tmp_path: Path) -> None:
    code = """
    begin()
    done({ uri = "file:///nowhere/other.clj" })
    return #vim.api.nvim_list_bufs()
    """
    assert lua(tmp_path, code) == 1


def test_a_command_has_the_cursors_place_in_the_servers_encoding(tmp_path: Path) -> None:
    code = """
    begin()
    vim.api.nvim_win_set_cursor(0, { 1, vim.fn.getline(1):find("b", 1, true) - 1 })
    vim.cmd("Nrepl evalForm")
    return asked[#asked]
    """
    asked = lua(tmp_path, code)
    assert asked["command"] == "nrepl.evalForm"
    # The face counts as two in UTF-16.
    assert asked["arguments"][0]["position"] == {"line": 0, "character": 13}


def test_a_selection_is_the_range(tmp_path: Path) -> None:
    code = """
    begin({ mappings = true })
    vim.api.nvim_win_set_cursor(0, { 2, 0 })
    vim.cmd.normal({ "vj$" })
    vim.cmd.normal({ vim.keycode("<Esc>"), bang = true })
    vim.cmd("'<,'>Nrepl evalSelection")
    local keys = vim.fn.maparg("\\\\E", "x")
    return { asked[#asked].arguments[1].range, keys }
    """
    selected, keys = lua(tmp_path, code)
    assert selected["start"] == {"line": 1, "character": 0}
    assert selected["end"]["line"] == 2
    assert "evalSelection" in keys


def test_the_text_of_a_command_is_what_it_is_about(tmp_path: Path) -> None:
    code = """
    begin()
    vim.cmd("Nrepl connect localhost:7888")
    return asked[#asked].arguments[1].url
    """
    assert lua(tmp_path, code) == "localhost:7888"


def test_the_command_offers_the_servers_commands_and_its_own(tmp_path: Path) -> None:
    code = """
    begin()
    local get = vim.fn.getcompletion
    return { get("Nrepl ", "cmdline"), get("Nrepl copy", "cmdline") }
    """
    offered, found = lua(tmp_path, code)
    assert {"evalForm", "transcript", "interrupt"} <= set(offered)
    assert len(offered) == len(set(offered))
    assert found == ["copyResult"]


def test_no_key_is_mapped_unasked(tmp_path: Path) -> None:
    code = """
    begin()
    return vim.tbl_filter(function(one)
      return (one.desc or ""):find("nREPL") ~= nil
    end, vim.api.nvim_buf_get_keymap(0, "n"))
    """
    assert lua(tmp_path, code) == []


def test_input_is_sent_to_the_evaluation_that_asked(tmp_path: Path) -> None:
    code = """
    begin()
    local prompts = {}
    vim.ui.input = function(options, confirm)
      prompts[1] = options.prompt
      confirm("Ada")
    end
    evaluation("needInput", { prompt = "Name? " })
    return { prompts, asked[#asked] }
    """
    prompts, asked = lua(tmp_path, code)
    assert prompts == ["Name? "]
    assert asked["command"] == "nrepl.sendInput"
    assert asked["arguments"] == [{"evaluation": "1", "text": "Ada"}]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (1, []),
        (2, [["nrepl.sendInput", {"evaluation": "1", "end": True}]]),
        (3, [["nrepl.interrupt", {"evaluation": "1"}]]),
    ],
)
def test_a_closed_box_sends_what_is_chosen_then(
    tmp_path: Path, choice: int, sent: list[Any]
) -> None:
    code = f"""
    begin()
    vim.ui.input = function(_, confirm) confirm(nil) end
    vim.ui.select = function(choices, _, chosen) chosen(choices[{choice}], {choice}) end
    evaluation("needInput", {{ prompt = "" }})
    vim.wait(50)
    return vim.tbl_map(function(one) return {{ one.command, one.arguments[1] }} end, asked)
    """
    assert lua(tmp_path, code) == sent


def test_an_answer_that_comes_too_late_is_not_sent(tmp_path: Path) -> None:
    code = """
    begin()
    local confirm
    vim.ui.input = function(_, given) confirm = given end
    evaluation("needInput", { prompt = "" })
    evaluation("done", { values = { "nil" }, place = range(0, 0, 9), summary = "=> nil" })
    confirm("too late")
    return #asked
    """
    assert lua(tmp_path, code) == 0


def test_the_status_line_is_of_the_buffers_own_connection(tmp_path: Path) -> None:
    code = f"""
    begin()
    notify("nrepl/status", {{ connections = {{
      {{ root = "{tmp_path}", state = "ready", server = "nrepl 1.0.0", ns = "user" }},
      {{ root = "{tmp_path}/other", state = "lost", server = vim.NIL, ns = vim.NIL }},
    }} }})
    vim.wait(20)
    local here = require("nrepl_lsp").status()
    vim.cmd.enew()
    return {{ here, #vim.lsp.get_clients({{ bufnr = 0 }}) }}
    """
    assert lua(tmp_path, code) == ["● nrepl 1.0.0 user", 0]


def test_a_long_message_asks_for_no_key_and_is_kept_whole(tmp_path: Path) -> None:
    code = """
    begin()
    local shown
    local echo = vim.api.nvim_echo
    vim.api.nvim_echo = function(chunks, ...)
      shown = chunks[1][1]
      return echo(chunks, ...)
    end
    notify("window/showMessage", { type = 3, message = ("long "):rep(60) .. "\\n'end'" })
    vim.wait(20)
    local kept = vim.api.nvim_exec2("messages", { output = true }).output
    return { vim.fn.strdisplaywidth(shown) <= vim.v.echospace, kept:find("'end'", 1, true) ~= nil }
    """
    assert lua(tmp_path, code) == [True, True]


def test_a_librarys_file_stays_with_the_server_that_opened_it(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "deps.edn").write_text("{}")
    library = tmp_path / ".gitlibs" / "libs" / "x"
    library.mkdir(parents=True)
    (library / "deps.edn").write_text("{}")
    (library / "x.clj").write_text("(ns x)")
    code = f"""
    begin()
    vim.cmd.edit("{library}/x.clj")
    assert(vim.wait(3000, function() return #vim.lsp.get_clients({{ bufnr = 0 }}) == 1 end))
    return vim.tbl_map(function(client) return client.root_dir end, vim.lsp.get_clients())
    """
    assert lua(tmp_path, code, file="app/demo.clj") == [str(tmp_path / "app")]


def test_a_missing_server_is_one_sentence(tmp_path: Path) -> None:
    code = """
    vim.lsp.config("nrepl_lsp", { cmd = { "no-such-server" } })
    require("nrepl_lsp").setup()
    vim.cmd.edit(vim.env.FILE)
    return vim.api.nvim_exec2("messages", { output = true }).output
    """
    assert lua(tmp_path, code) == (
        "nREPL: no-such-server was not found: see :checkhealth nrepl_lsp."
    )


def test_basilisp_has_a_filetype(tmp_path: Path) -> None:
    assert lua(tmp_path, "begin() return vim.bo.filetype", file="demo.lpy") == "clojure"


def test_the_health_check_says_what_to_do(tmp_path: Path) -> None:
    code = """
    vim.lsp.config("nrepl_lsp", { cmd = { "no-such-server" } })
    vim.cmd("checkhealth nrepl_lsp")
    return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\\n")
    """
    text = lua(tmp_path, code)
    assert "no-such-server was not found." in text
    assert "pipx install nrepl-lsp" in text


def test_a_server_that_has_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    code = """
    begin()
    vim.ui.input = function() end
    notify("nrepl/status", { connections = { { root = vim.env.HOME, state = "ready" } } })
    done()
    evaluation("sent", { evaluation = "2", range = range(2, 0, 2) })
    evaluation("needInput", { evaluation = "3", range = range(2, 0, 2), prompt = "" })
    vim.wait(3000, function() return #beside() == 3 end)
    local during, status = #beside(), require("nrepl_lsp").status()
    finish()
    vim.wait(3000, function() return #vim.lsp.get_clients() == 0 end)
    vim.cmd("messages clear | Nrepl input")
    local waits = vim.api.nvim_exec2("messages", { output = true }).output
    return { during, status, #beside(), require("nrepl_lsp").status(), waits }
    """
    during, status, *after = lua(tmp_path, code)
    assert (during, status) == (3, "● nREPL ⋯")
    assert after == [0, "", "nREPL: no program waits for input."]


def test_a_question_that_is_answered_already_is_not_asked(tmp_path: Path) -> None:
    code = """
    begin()
    local count = 0
    vim.ui.input = function() count = count + 1 end
    notify("nrepl/evaluation", { evaluation = "1", state = "needInput", prompt = "" })
    notify("nrepl/evaluation", { evaluation = "1", state = "done", values = {} })
    vim.wait(50)
    return { count, vim.api.nvim_exec2("messages", { output = true }).output }
    """
    assert lua(tmp_path, code) == [0, ""]


def test_the_next_that_waits_is_asked_about_after_the_first(tmp_path: Path) -> None:
    code = """
    begin()
    local prompts, confirm = {}, nil
    vim.ui.input = function(options, given)
      table.insert(prompts, options.prompt)
      confirm = given
    end
    evaluation("needInput", { evaluation = "1", prompt = "One? " })
    evaluation("needInput", { evaluation = "2", prompt = "Two? " })
    confirm("first")
    vim.wait(20)
    return prompts
    """
    assert lua(tmp_path, code) == ["One? ", "Two? "]


def test_the_transcripts_window_follows_it(tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    log.write_text("one\n", encoding="utf-8")
    code = f"""
    begin()
    _G.answers = {{ ["nrepl.showOutput"] = {{ path = "{log}" }} }}
    vim.cmd("vertical Nrepl transcript")
    local rows = {{}}
    for _, word in ipairs({{ "two", "three" }}) do
      vim.wait(3000, function()
        vim.fn.writefile({{ word }}, "{log}", "a")
        return vim.api.nvim_get_current_line() == word
      end, 100)
      rows[#rows + 1] = vim.api.nvim_get_current_line()
    end
    return {{ rows, vim.bo.readonly, vim.bo.swapfile, vim.fn.winlayout()[1] }}
    """
    assert lua(tmp_path, code) == [["two", "three"], True, False, "row"]


def test_the_plugin_stays_thin() -> None:
    """All lines count, blank ones and comments too, as `wc -l` does."""
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.lua")]
    assert sum(text.count("\n") for text in texts) <= 500
    assert max(len(line) for text in texts for line in text.splitlines()) <= 100
