-- `:Nrepl`: every command of the server by its name, and the few that are ours.
local client = require("nrepl_lsp.client")

local OURS = { input = require("nrepl_lsp.input").again }

-- The member of the argument that the text after a command is.
local TEXT = {
  apropos = "query", connect = "url", doc = "symbol", evalCode = "code", inspect = "code",
  macroexpand = "how", reload = "what", runNamespaceTests = "ns", runTest = "symbol",
  sendInput = "text", switchNamespace = "ns", undef = "symbol", undefAll = "ns",
}

-- By path: what watches the file; it looks five times a second, however much is printed.
local watchers = {}

---Reads the file again; where the cursor was at its end, it stays there.
local function follow(buf, path)
  if not vim.api.nvim_buf_is_loaded(buf) then return watchers[path]:stop() end
  local last = vim.api.nvim_buf_line_count(buf)
  local function at_end(win) return vim.api.nvim_win_get_cursor(win)[1] == last end
  local following = vim.tbl_filter(at_end, vim.fn.win_findbuf(buf))
  pcall(vim.cmd.checktime, buf) -- fails in the command-line window
  for _, win in ipairs(following) do
    vim.api.nvim_win_set_cursor(win, { vim.api.nvim_buf_line_count(buf), 0 })
  end
end

---Opens it below, or where the command's modifiers say.
function OURS.transcript(_, modifiers)
  client.run("showOutput", { show = false }, function(answer)
    local path, syntax = answer.path, vim.bo.filetype
    if not path then return end -- the server has said why
    local buf = vim.fn.bufadd(path)
    modifiers.split = modifiers.split ~= "" and modifiers.split or "botright"
    modifiers.noswapfile = true
    vim.cmd.sbuffer({ buf, mods = modifiers })
    vim.cmd.setlocal("autoread readonly nobuflisted nonumber undolevels=-1 syntax=" .. syntax)
    vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buf })
    vim.cmd("normal! G0")
    watchers[path] = watchers[path] or assert(vim.uv.new_fs_poll())
    watchers[path]:stop()
    watchers[path]:start(path, 200, vim.schedule_wrap(function() follow(buf, path) end))
  end)
end

function OURS.status()
  client.run("status", nil, function(answer)
    local one = answer.current and answer.connections[answer.current + 1] or { state = "detached" }
    local words = { one.state, one.server or "", one.problem or one.address or "", one.ns or "" }
    client.say((table.concat(words, " "):gsub(" +", " ")))
  end)
end

function OURS.namespaces(part)
  client.run("namespaces", nil, function(answer)
    local function fits(ns) return ns:find(part, 1, true) ~= nil end
    local names = vim.tbl_filter(fits, answer.namespaces or {})
    if #names == 0 then -- where there are none at all the server has said why
      return answer.ns and client.say("no such namespace is loaded.", 2)
    end
    vim.ui.select(names, { prompt = "The session's namespace:" }, function(ns)
      if ns then client.run("switchNamespace", { ns = ns }) end
    end)
  end)
end

function OURS.cancel()
  local server = client.here()
  for token in pairs(server and server.progress.pending or {}) do
    server:notify("window/workDoneProgress/cancel", { token = token })
  end
end

function OURS.copyResult()
  client.run("copyResult", { show = false }, function(answer)
    if (answer.text or "") == "" then return end
    vim.fn.setreg('"', answer.text)
    pcall(vim.fn.setreg, "+", answer.text)
    client.say(("copied %d characters."):format(vim.fn.strchars(answer.text)))
  end)
end

---The selection, or the lines before the command, as an LSP range.
local function range(arguments, encoding)
  local from, to = arguments.line1, arguments.line2
  if vim.fn.visualmode() == "v" and vim.fn.line("'<") == from and vim.fn.line("'>") == to then
    return vim.lsp.util.make_given_range_params(nil, nil, 0, encoding).range
  end
  return { start = { line = from - 1, character = 0 }, ["end"] = { line = to, character = 0 } }
end

local function run(arguments)
  local name, text = arguments.args:match("^(%S+)%s*(.-)$")
  if OURS[name] then return OURS[name](text, arguments.smods) end
  local server, own = client.here()
  local selected = own and arguments.range > 0 and range(arguments, server.offset_encoding) or nil
  client.run(name, { [TEXT[name] or "text"] = text ~= "" and text or nil, range = selected })
end

---What may stand after `:Nrepl`, a line each; Neovim finds what fits.
local function complete()
  local names, server = vim.tbl_keys(OURS), client.here()
  local offered = server and server.server_capabilities.executeCommandProvider or {}
  for _, command in ipairs(offered.commands or {}) do
    names[#names + 1] = command:match("^nrepl%.(.+)")
  end
  table.sort(names)
  return table.concat(vim.fn.uniq(names), "\n")
end

return { run = run, complete = complete }
