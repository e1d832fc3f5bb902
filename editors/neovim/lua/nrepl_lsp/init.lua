-- What `setup` adds to the bare server: results, input, status, messages and keys of our own.
local client = require("nrepl_lsp.client")

local DEFAULTS = { results = true, input = true, messages = true } -- :help nrepl_lsp-setup

-- After <localleader>, as in Conjure where both have it.
local MAPPINGS = {
  ee = "evalForm", ew = "evalForm", er = "evalTopLevelForm", eb = "evalBuffer", ef = "loadFile",
  em = "evalChangedForms", ei = "interrupt", ey = "copyResult", ex = "clearResults",
  ["e!"] = "replaceWithResult", ece = "evalToComment", E = "evalSelection",
  ls = "transcript", li = "input", ve = "showTrace", vi = "inspect", x1 = "macroexpand",
  tc = "runTest", tn = "runNamespaceTests", ta = "runAllTests", tr = "rerunFailedTests",
  rr = "reload changed", sn = "namespaces", cf = "connect", cd = "disconnect", cs = "status",
}

---Enables the server with all of the plugin's parts; each can be switched off.
local function setup(options)
  local chosen = vim.tbl_extend("keep", options or {}, DEFAULTS)
  local set = vim.tbl_get(vim.lsp.config.nrepl_lsp, "settings", "nrepl", "results") or {}
  local parts, settings = { client, chosen.input and require("nrepl_lsp.input") or nil }, nil
  if chosen.results and (set.show or "auto") == "auto" then
    settings = { nrepl = { results = { show = "none", width = set.width or 60 } } }
    table.insert(parts, 1, require("nrepl_lsp.results"))
  end

  local function tell(what)
    return function(_, params, context)
      for _, part in ipairs(parts) do
        if part[what] then part[what](client.plain(params), context.client_id) end
      end
    end
  end
  local function show(_, params) client.say(params.message, params.type) end
  local opted = { evaluation = true, status = true, input = chosen.input or nil }
  local handlers = {
    ["nrepl/evaluation"] = tell("evaluation"),
    ["nrepl/results"] = tell("standing"),
    ["nrepl/status"] = tell("status"),
    ["window/showMessage"] = chosen.messages and show or nil,
  }
  local capabilities = { experimental = { nrepl = opted } }
  local config = { capabilities = capabilities, settings = settings, handlers = handlers }
  vim.lsp.config("nrepl_lsp", config)

  local group = vim.api.nvim_create_augroup("nrepl_lsp", {})
  local function on(event, callback, pattern)
    vim.api.nvim_create_autocmd(event, { group = group, pattern = pattern, callback = callback })
  end
  on("FileType", function()
    local program = client.missing()
    if program then client.say(program .. " was not found: see :checkhealth nrepl_lsp.", 2) end
  end, vim.lsp.config.nrepl_lsp.filetypes)
  on("LspAttach", function(args)
    local id, mappings = args.data.client_id, chosen.mappings
    if assert(vim.lsp.get_client_by_id(id)).name ~= "nrepl_lsp" then return end
    for keys, command in pairs(mappings == true and MAPPINGS or mappings or {}) do
      local mode = command == "evalSelection" and "x" or "n"
      local run = (mode == "x" and ":" or "<Cmd>") .. "Nrepl " .. command .. "<CR>"
      local described = { buffer = args.buf, silent = true, desc = "nREPL: " .. command }
      vim.keymap.set(mode, "<localleader>" .. keys, run, described)
    end
    if chosen.completion then
      vim.lsp.completion.enable(true, id, args.buf, { autotrigger = true })
    end
  end)
  on("LspDetach", function(args)
    local context = args.data
    if not assert(vim.lsp.get_client_by_id(context.client_id)):is_stopped() then return end
    -- What a server that has ended can say no more.
    for evaluation in pairs(client.running[context.client_id] or {}) do
      tell("evaluation")(nil, { evaluation = evaluation, values = {} }, context)
    end
    tell("standing")(nil, { uri = vim.uri_from_bufnr(args.buf), standing = {} }, context)
    tell("status")(nil, { connections = {} }, context)
  end)
  -- Managers that put a subfolder on the 'runtimepath' do so after this would have been read.
  vim.cmd.runtime({ "plugin/nrepl_lsp.lua", bang = true })
  vim.lsp.enable("nrepl_lsp")
end

return { setup = setup, status = client.text }
