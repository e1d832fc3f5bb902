vim.filetype.add({ extension = { lpy = "clojure" } }) -- Basilisp reads like Clojure
vim.api.nvim_create_user_command("Nrepl", function(arguments)
  require("nrepl_lsp.commands").run(arguments)
end, { nargs = "+", range = true, complete = "custom,v:lua.require'nrepl_lsp.commands'.complete" })
