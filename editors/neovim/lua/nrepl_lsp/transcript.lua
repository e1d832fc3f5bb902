-- The program's transcript, in a window that follows it.
local client = require("nrepl_lsp.client")

local M = {}

-- By path: what watches the file.
local watchers = {}

---Reads the file again; where the cursor was at its end, it stays there.
local function follow(buf)
  local last = vim.api.nvim_buf_line_count(buf)
  local following = vim.tbl_filter(function(win)
    return vim.api.nvim_win_get_cursor(win)[1] == last
  end, vim.fn.win_findbuf(buf))
  pcall(vim.cmd.checktime, buf) -- fails in the command-line window
  for _, win in ipairs(following) do
    vim.api.nvim_win_set_cursor(win, { vim.api.nvim_buf_line_count(buf), 0 })
  end
end

local function watch(buf, path)
  local waits, watcher = false, watchers[path] or assert(vim.uv.new_fs_event())
  watchers[path] = watcher
  watcher:start(path, {}, function()
    if not waits then -- a flood of output is read five times a second
      waits = true
      vim.defer_fn(function()
        waits = false
        return vim.api.nvim_buf_is_loaded(buf) and follow(buf) or watcher:stop()
      end, 200)
    end
  end)
end

---Opens it below, or where the command's modifiers say.
function M.open(modifiers)
  client.run("showOutput", { show = false }, function(answer)
    if answer.path then -- else the server has said why
      local buf, syntax = vim.fn.bufadd(answer.path), vim.bo.filetype
      local split = modifiers.split ~= "" and modifiers.split or "botright"
      vim.cmd.sbuffer({ buf, mods = { split = split, vertical = modifiers.vertical } })
      vim.bo.swapfile, vim.bo.undolevels, vim.bo.autoread, vim.bo.readonly = false, -1, true, true
      vim.bo.buflisted, vim.bo.syntax, vim.wo.number = false, syntax, false
      vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buf })
      vim.cmd("normal! G0")
      watch(buf, answer.path)
    end
  end)
end

return M
