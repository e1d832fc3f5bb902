-- What `setup` adds to the bare server: results, input, status, messages and keys of our own.
local client = require("nrepl_lsp.client")

local M = {}

local DEFAULTS = {
  results = true, -- values as virtual text at the end of the line; else as inlay hints
  input = true, -- ask by vim.ui.input when code reads standard input
  messages = true, -- one line each, which never asks for Enter
  completion = false, -- Neovim's own completion as you type
  mappings = false, -- true, or { ee = "evalForm", … } after <localleader>, instead of these:
}

-- After <localleader>, as in Conjure where both have it.
local MAPPINGS = {
  ee = "evalForm", er = "evalTopLevelForm", eb = "evalBuffer", ef = "loadFile",
  em = "evalChangedForms", ei = "interrupt", ew = "copyResult", ex = "clearResults",
  ["e!"] = "replaceWithResult", ece = "evalToComment", E = "evalSelection",
  ls = "transcript", li = "input", ve = "showTrace", vi = "inspect", x1 = "macroexpand",
  tc = "runTest", tn = "runNamespaceTests", ta = "runAllTests", tr = "rerunFailedTests",
  rr = "reload changed", sn = "namespaces", cf = "connect", cd = "disconnect", cs = "status",
}

local function map(buf, mappings)
  for keys, command in pairs(mappings) do
    local mode = command == "evalSelection" and "x" or "n"
    local run = (mode == "x" and ":" or "<Cmd>") .. "Nrepl " .. command .. "<CR>"
    local options = { buffer = buf, silent = true, desc = "nREPL: " .. command }
    vim.keymap.set(mode, "<localleader>" .. keys, run, options)
  end
end

---The settings with which this plugin shows the results; nil where the user chose another way.
local function results()
  local set = vim.lsp.config.nrepl_lsp.settings or {}
  local show = vim.tbl_get(set, "nrepl", "results", "show") or set["nrepl.results.show"] or "auto"
  local width = vim.tbl_get(set, "nrepl", "results", "width") or 60
  return show == "auto" and { nrepl = { results = { show = "none", width = width } } } or nil
end

---Enables the server with all of the plugin's parts; each can be switched off.
function M.setup(options)
  local chosen = vim.tbl_extend("force", DEFAULTS, options or {})
  local settings = chosen.results and results() or nil
  local parts = { "status", settings and "results", chosen.input and "input" }
  -- They are loaded with the first notification, not with Neovim.
  local function tell(method)
    return function(_, params, context)
      for _, part in pairs(parts) do
        local hear = part and require("nrepl_lsp." .. part)[method]
        if hear then
          hear(client.plain(params), context.client_id)
        end
      end
    end
  end
  local opted = { evaluation = true, status = true, input = chosen.input or nil }
  local handlers = { ["nrepl/evaluation"] = tell("evaluation"), ["nrepl/status"] = tell("status") }
  handlers["nrepl/results"] = tell("standing")
  handlers["window/showMessage"] = chosen.messages and function(_, params)
    client.say(params.message, params.type)
  end or nil
  local capabilities = { experimental = { nrepl = opted } }
  local config = { capabilities = capabilities, settings = settings, handlers = handlers }
  vim.lsp.config("nrepl_lsp", config)
  local function attach(args)
    local id, mappings = args.data.client_id, chosen.mappings
    if assert(vim.lsp.get_client_by_id(id)).name == "nrepl_lsp" then
      map(args.buf, mappings == true and MAPPINGS or mappings or {})
      if chosen.completion then
        vim.lsp.completion.enable(true, id, args.buf, { autotrigger = true })
      end
    end
  end
  local function begin()
    local program = client.missing()
    if program then
      client.say(program .. " was not found: see :checkhealth nrepl_lsp.", 2)
    end
  end
  local group, types = vim.api.nvim_create_augroup("nrepl_lsp", {}), vim.lsp.config.nrepl_lsp.filetypes
  vim.api.nvim_create_autocmd("LspAttach", { group = group, callback = attach })
  vim.api.nvim_create_autocmd("FileType", { group = group, pattern = types, callback = begin })
  -- Managers that put a subfolder on the 'runtimepath' do so after these would have been read.
  vim.cmd.runtime({ "ftdetect/nrepl_lsp.lua plugin/nrepl_lsp.lua", bang = true })
  vim.lsp.enable("nrepl_lsp")
end

---For the status line: how the current buffer's connection is, and what runs; "" elsewhere.
function M.status()
  return require("nrepl_lsp.status").text()
end

return M
