-- `:checkhealth nrepl_lsp`
local health = vim.health

local function server()
  local config, missing = vim.lsp.config.nrepl_lsp, require("nrepl_lsp.client").missing()
  if missing then
    local advice = 'pipx install nrepl-lsp, or vim.lsp.config("nrepl_lsp", { cmd = { "/its/path" } })'
    return health.error(missing .. " was not found.", advice)
  elseif type(config.cmd) == "table" then
    local command = { config.cmd[1], "--version" }
    local shown = vim.system(command, { text = true, timeout = 5000 }):wait()
    health.ok(("%s (%s)"):format(vim.trim(shown.stdout), vim.fn.exepath(command[1])))
  end
  if vim.lsp.is_enabled and not vim.lsp.is_enabled("nrepl_lsp") then -- 0.12
    health.error("It is not enabled.", 'require("nrepl_lsp").setup(), or vim.lsp.enable("nrepl_lsp")')
  elseif #vim.lsp.get_clients({ name = "nrepl_lsp" }) == 0 then
    local types = table.concat(config.filetypes, ", ")
    health.warn("No server runs.", "Open a file of one of these types: " .. types)
  end
end

local function connections(client)
  health.ok("A server runs for " .. (client.root_dir or "no folder"))
  local asked = client:request_sync("workspace/executeCommand", { command = "nrepl.status" }, 3000)
  for _, one in ipairs(vim.tbl_get(asked or {}, "result", "connections") or {}) do
    one = require("nrepl_lsp.client").plain(one)
    local line = ("%s: %s %s"):format(one.root or "no folder", one.state, one.address or "")
    if one.state == "ready" then
      health.ok(line .. " " .. (one.server or ""))
    else
      health.warn(line, one.problem or "Start an nREPL server, or :Nrepl connect HOST:PORT")
    end
  end
end

local function check()
  health.start("nrepl_lsp")
  if vim.fn.has("nvim-0.11") == 0 then
    return health.error("Neovim 0.11 or newer is needed.", "See the README for older versions.")
  end
  health.ok("Neovim " .. tostring(vim.version()))
  server()
  for _, client in ipairs(vim.lsp.get_clients()) do
    if client.name == "nrepl_lsp" then
      connections(client)
    elseif client.name:find("^clojure.lsp$") then
      health.info('clojure-lsp runs too: set `nrepl = { profile = "complement" }`.')
    elseif vim.inspect(client.config.cmd):find("nrepl%-lsp") then
      health.warn("nrepl-lsp runs twice, also as " .. client.name, "Remove that configuration.")
    end
  end
  if package.loaded["conjure.main"] then
    health.info("Conjure is loaded too: with `mappings = true` some keys are the same.")
  end
end

return { check = check }
