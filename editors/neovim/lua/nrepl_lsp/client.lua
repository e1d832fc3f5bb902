-- The server, its commands, and the message line.
local M = {}

---A message without its nulls: Neovim gives them as vim.NIL, which is true.
function M.plain(value)
  for key, member in pairs(type(value) == "table" and value or {}) do
    value[key] = M.plain(member)
  end
  return value ~= vim.NIL and value or nil
end

---The configured program that is not there; nil when it is, or when there is none (as with TCP).
function M.missing()
  local cmd = vim.lsp.config.nrepl_lsp.cmd
  return type(cmd) == "table" and vim.fn.executable(cmd[1]) == 0 and cmd[1] or nil
end

---The current buffer's server, else the only one there is; and whether it is the buffer's.
function M.here()
  local own = vim.lsp.get_clients({ name = "nrepl_lsp", bufnr = 0 })[1]
  local all = vim.lsp.get_clients({ name = "nrepl_lsp" })
  return own or (#all == 1 and all[1] or nil), own ~= nil
end

---Runs a command of docs/commands.md with the cursor's place; `reply` gets its answer.
function M.run(name, argument, reply)
  local client, own = M.here()
  if not client then
    return M.say("no server for this buffer; :checkhealth nrepl_lsp says why.", 2)
  end
  local at = own and vim.lsp.util.make_position_params(0, client.offset_encoding)
  local place = at and { uri = at.textDocument.uri, position = at.position } or {}
  M.send(client, name, vim.tbl_extend("force", place, argument or {}), reply)
end

function M.send(client, name, argument, reply)
  local command = { title = name, command = "nrepl." .. name, arguments = { argument } }
  client:exec_cmd(command, nil, function(problem, answer)
    if problem then
      M.say(problem.message, 1)
    elseif reply then
      reply(M.plain(answer) or {})
    end
  end)
end

---The loaded buffer of a document, or nil.
function M.buffer(uri)
  local name = uri and vim.uri_to_fname(uri) or ""
  local buf = vim.fn.bufexists(name) == 1 and vim.fn.bufadd(name)
  return buf and vim.api.nvim_buf_is_loaded(buf) and buf or nil
end

---Shows one line, cut so that Neovim need not ask for Enter; `:messages` has all of it.
function M.say(text, level)
  local line = "nREPL: " .. text:gsub("%s*\n%s*", " ")
  local shown, highlight = line, ({ "ErrorMsg", "WarningMsg" })[level]
  while vim.fn.strdisplaywidth(shown) > vim.v.echospace do
    shown = vim.fn.strcharpart(shown, 0, vim.fn.strchars(shown) - 2) .. "…"
  end
  local saved = vim.o.messagesopt
  vim.o.messagesopt = saved:gsub("hit%-enter", "wait:0")
  vim.api.nvim_echo({ { line, highlight } }, true, {})
  vim.o.messagesopt = saved
  vim.cmd.redraw()
  vim.api.nvim_echo({ { shown, highlight } }, false, {})
end

return M
