if vim.fn.has("nvim-0.11") == 1 then
  vim.api.nvim_create_user_command("Nrepl", function(arguments)
    require("nrepl_lsp.commands").run(arguments)
  end, { nargs = "+", range = true, desc = "Commands of nrepl-lsp", complete = function(lead)
    return require("nrepl_lsp.commands").complete(lead)
  end })
end
