-- The server: its commands, how it is connected, and the message line.
local ICONS = { ready = "●", connecting = "◌", lost = "✗", detached = "○" }

-- By server: the evaluations that run, by their ids (nil while there are none); its connections.
local M, connections = { running = {} }, {}

---A message without its nulls: Neovim gives them as vim.NIL, which is true.
function M.plain(value)
  if type(value) == "table" then return vim.tbl_map(M.plain, value) end
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
  if not client then return M.say("no server runs here yet: see :checkhealth nrepl_lsp.", 2) end
  local at = own and vim.lsp.util.make_position_params(0, client.offset_encoding)
  local place = at and { uri = at.textDocument.uri, position = at.position } or {}
  M.send(client, name, vim.tbl_extend("force", place, argument or {}), reply)
end

function M.send(client, name, argument, reply)
  local command = { title = name, command = "nrepl." .. name, arguments = { argument } }
  client:exec_cmd(command, nil, function(problem, answer)
    if problem then return M.say(problem.message, 1) end
    if reply then reply(M.plain(answer) or {}) end
  end)
end

---The loaded buffer of a document, or nil.
function M.buffer(uri)
  local is_loaded = uri and vim.fn.bufloaded(vim.uri_to_fname(uri)) == 1
  return is_loaded and vim.uri_to_bufnr(uri) or nil
end

---The connection whose folder is the nearest above the buffer's file, else the only one.
local function current(id)
  local all, name = connections[id] or {}, vim.api.nvim_buf_get_name(0)
  local best = #all == 1 and all[1] or { root = "", state = "detached" }
  for _, one in ipairs(all) do
    if one.root and vim.fs.relpath(one.root, name) and #one.root > #(best.root or "") then
      best = one
    end
  end
  return best
end

---For the status line: how the current buffer's connection is, and what runs; "" elsewhere.
function M.text()
  local server = M.here()
  if not server then return "" end
  local one, busy = current(server.id), M.running[server.id] and " ⋯" or ""
  local rest = one.state == "ready" and (one.ns or "") or one.state
  return vim.trim(("%s %s %s"):format(ICONS[one.state], one.server or "nREPL", rest)) .. busy
end

function M.status(params, id)
  connections[id] = params.connections
  vim.cmd.redrawstatus({ bang = true })
end

function M.evaluation(params, id)
  local before, now = M.running[id], M.running[id] or {}
  now[params.evaluation] = not params.values or nil
  M.running[id] = next(now) and now
  if M.running[id] ~= before then vim.cmd.redrawstatus({ bang = true }) end
end

---Shows one line, cut so that Neovim need not ask for Enter; `:messages` has all of it.
function M.say(text, level)
  local line, room = "nREPL: " .. text:gsub("%s*\n%s*", " "), vim.v.echospace
  local cut = vim.fn.printf("%.*S…", room - 1, line)
  local highlight = ({ "ErrorMsg", "WarningMsg" })[level]
  local saved = vim.o.messagesopt
  vim.o.messagesopt = saved:gsub("hit%-enter", "wait:0")
  vim.api.nvim_echo({ { line, highlight } }, true, {})
  vim.o.messagesopt = saved
  vim.cmd.redraw()
  local shown = vim.fn.strdisplaywidth(line) > room and cut or line
  vim.api.nvim_echo({ { shown, highlight } }, false, {})
end

return M
