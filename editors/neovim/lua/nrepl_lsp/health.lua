-- `:checkhealth nrepl_lsp`
local health, nrepl = vim.health, require("nrepl_lsp.client")

local function connections(client)
  health.ok("A server runs for " .. (client.root_dir or "no folder"))
  local asked = client:request_sync("workspace/executeCommand", { command = "nrepl.status" }, 3000)
  for _, one in ipairs(vim.tbl_get(nrepl.plain(asked) or {}, "result", "connections") or {}) do
    local words = { one.root or "no folder", one.state, one.address or "", one.server or "" }
    local report = one.state == "ready" and health.ok or health.warn
    local advice = one.problem or "Start an nREPL server, or :Nrepl connect HOST:PORT"
    report(vim.trim(table.concat(words, "  ")), advice)
  end
end

local function check()
  health.start("nrepl_lsp")
  if vim.fn.has("nvim-0.11") == 0 then
    return health.error("Neovim 0.11 or newer is needed.", "See the README for older versions.")
  end
  local config, missing = vim.lsp.config.nrepl_lsp, nrepl.missing()
  if missing then
    local advice = 'pipx install nrepl-lsp, or vim.lsp.config("nrepl_lsp", { cmd = { "/path" } })'
    health.error(missing .. " was not found.", advice)
  elseif type(config.cmd) == "table" then
    local command = { config.cmd[1], "--version" }
    local shown = vim.system(command, { text = true, timeout = 5000 }):wait()
    health.ok(("%s (%s)"):format(vim.trim(shown.stdout), vim.fn.exepath(command[1])))
  end
  if #vim.lsp.get_clients({ name = "nrepl_lsp" }) == 0 then
    local types = table.concat(config.filetypes, ", ")
    health.warn("No server runs.", 'require("nrepl_lsp").setup(), then open one of: ' .. types)
  end
  for _, client in ipairs(vim.lsp.get_clients()) do
    if client.name == "nrepl_lsp" then
      connections(client)
    elseif client.name:find("^clojure.lsp$") then
      health.info('clojure-lsp runs too: set `nrepl = { profile = "complement" }`.')
    elseif vim.inspect(client.config.cmd):find("nrepl%-lsp") then
      health.warn("nrepl-lsp runs twice, also as " .. client.name, "Remove that configuration.")
    end
  end
end

return { check = check }
