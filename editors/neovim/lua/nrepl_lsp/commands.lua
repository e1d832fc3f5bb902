-- `:Nrepl`: every command of the server by its name, and the few that are ours.
local client = require("nrepl_lsp.client")

local M, OURS = {}, {}

-- The member of the argument that the text after a command is.
local TEXT = {
  apropos = "query", connect = "url", doc = "symbol", evalCode = "code", inspect = "code",
  macroexpand = "how", reload = "what", runNamespaceTests = "ns", runTest = "symbol",
  sendInput = "text", switchNamespace = "ns", undef = "symbol", undefAll = "ns",
}

function OURS.transcript(_, modifiers)
  require("nrepl_lsp.transcript").open(modifiers)
end

function OURS.input()
  require("nrepl_lsp.input").again()
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
    local names = vim.tbl_filter(function(ns)
      return ns:find(part, 1, true) ~= nil
    end, answer.namespaces or {})
    if #names == 0 then
      return client.say(answer.message or "no such namespace is loaded.", 2)
    end
    vim.ui.select(names, { prompt = "The session's namespace:" }, function(ns)
      if ns then
        client.run("switchNamespace", { ns = ns })
      end
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
    if (answer.text or "") ~= "" then
      vim.fn.setreg('"', answer.text)
      pcall(vim.fn.setreg, "+", answer.text)
      client.say(("copied %d characters."):format(vim.fn.strchars(answer.text)))
    end
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

function M.run(arguments)
  local name, text = arguments.args:match("^(%S+)%s*(.-)$")
  if OURS[name] then
    return OURS[name](text, arguments.smods)
  end
  local server, own = client.here()
  local selected = own and arguments.range > 0 and range(arguments, server.offset_encoding) or nil
  client.run(name, { [TEXT[name] or "text"] = text ~= "" and text or nil, range = selected })
end

function M.complete(lead)
  local names, server = vim.tbl_keys(OURS), client.here()
  local offered = server and server.server_capabilities.executeCommandProvider or {}
  for _, command in ipairs(offered.commands or {}) do
    names[#names + 1] = command:match("^nrepl%.(.+)")
  end
  table.sort(names)
  return lead == "" and vim.fn.uniq(names) or vim.fn.matchfuzzy(vim.fn.uniq(names), lead)
end

return M
