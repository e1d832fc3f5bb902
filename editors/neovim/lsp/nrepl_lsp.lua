-- For `vim.lsp.enable("nrepl_lsp")`, Neovim 0.11 and newer. It needs nothing else of the plugin.
local MARKERS = {
  ".nrepl-port", "workspace.edn", "deps.edn", "project.clj", "bb.edn", "shadow-cljs.edn",
  "nbb.edn", "project.janet", "pyproject.toml", ".git",
}
-- What others wrote: a root of its own would start a second server, which knows no program.
local LIBRARIES = vim.regex([[/\.gitlibs/\|/site-packages/\|/node_modules/]])

return {
  cmd = { "nrepl-lsp" },
  filetypes = { "clojure", "fennel", "hy", "janet" },
  root_dir = function(buf, on_dir)
    local before = vim.lsp.get_clients({ name = "nrepl_lsp", bufnr = vim.fn.bufnr("#") })[1]
    local client = before or vim.lsp.get_clients({ name = "nrepl_lsp" })[1]
    local is_library = client and LIBRARIES:match_str(vim.api.nvim_buf_get_name(buf))
    local root = not is_library and vim.fs.root(buf, MARKERS)
    on_dir(root or client and client.root_dir or vim.fn.getcwd())
  end,
  on_attach = function(_, buf)
    vim.lsp.inlay_hint.enable(true, { bufnr = buf }) -- values stand behind their forms
  end,
  settings = { nrepl = {} },
}
