-- How the buffer's connection is, for the status line.
local client = require("nrepl_lsp.client")

local M = {}

local ICONS = { ready = "●", connecting = "◌", lost = "✗", detached = "○" }

-- By server: its connections; by server and evaluation: what runs.
local connections, running = {}, {}

---The connection whose folder is the nearest above the buffer's file, else the only one.
local function current(server)
  local all, name = connections[server.id] or {}, vim.api.nvim_buf_get_name(0)
  local best = #all == 1 and all[1] or { root = "", state = "detached" }
  for _, one in ipairs(all) do
    if one.root and vim.fs.relpath(one.root, name) and #one.root > #(best.root or "") then
      best = one
    end
  end
  return best
end

function M.text()
  local server = client.here()
  if not server then
    return ""
  end
  local one, busy = current(server), ""
  for key in pairs(running) do
    busy = vim.startswith(key, server.id .. "/") and " ⋯" or busy
  end
  local rest = one.state == "ready" and (one.ns or "") or one.state
  return vim.trim(("%s %s %s"):format(ICONS[one.state], one.server or "nREPL", rest)) .. busy
end

function M.status(params, id)
  connections[id] = params.connections
  vim.cmd.redrawstatus({ bang = true })
end

function M.evaluation(params, id)
  running[id .. "/" .. params.evaluation] = not params.values or nil
  vim.cmd.redrawstatus({ bang = true })
end

return M
