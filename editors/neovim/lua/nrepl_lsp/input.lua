-- A line for code that reads standard input, by vim.ui.input.
local client = require("nrepl_lsp.client")

local M = {}

-- What waits, by server and evaluation; `asked` is the one that the box is open for.
local waiting, asked = {}, nil

local function answer(one, command, argument)
  local server = vim.lsp.get_client_by_id(one.id)
  if waiting[one.key] ~= one then return end
  waiting[one.key] = nil
  argument.evaluation = one.evaluation
  if server then client.send(server, command, argument) end
end

---What a closed box means is the user's choice: nothing is sent by mistake.
local function choose(one)
  local choices = { "Keep waiting", "Send the end of input", "Interrupt" }
  vim.ui.select(choices, { prompt = "The program waits for input." }, function(_, index)
    if index == 2 then
      answer(one, "sendInput", { ["end"] = true })
    elseif index == 3 then
      answer(one, "interrupt", {})
    elseif waiting[one.key] == one then
      client.say("the program goes on waiting; :Nrepl input asks again.")
    end
  end)
end

local function proceed()
  if next(waiting) then M.again() end
end

---Asks for any that waits; not into what somebody is typing, as those keys would be sent.
function M.again()
  local _, one = next(waiting)
  if not one then return client.say("no program waits for input.") end
  if asked or vim.api.nvim_get_mode().mode ~= "n" then
    return client.say("the program waits for input; :Nrepl input asks for it.", 2)
  end
  asked = one
  vim.ui.input({ prompt = one.prompt:match("%S") and one.prompt or "Input: " }, function(text)
    asked = nil
    if not text and waiting[one.key] == one then return vim.schedule_wrap(choose)(one) end
    if text then answer(one, "sendInput", { text = text }) end
    vim.schedule(proceed)
  end)
end

function M.evaluation(params, id)
  local key, evaluation = id .. "/" .. params.evaluation, params.evaluation
  waiting[key] = nil
  if asked and asked.key == key and vim.fn.getcmdtype() == "@" then
    vim.api.nvim_input("<C-c>") -- Neovim's own box; its answer would come too late
  end
  if params.state == "needInput" then
    waiting[key] = { key = key, id = id, evaluation = evaluation, prompt = params.prompt or "" }
    vim.schedule(proceed)
  end
end

return M
