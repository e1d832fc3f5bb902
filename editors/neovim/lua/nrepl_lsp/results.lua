-- Values at the end of their forms' lines; while code runs, how long it has.
local client = require("nrepl_lsp.client")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("nrepl_lsp.results")

-- By server and evaluation: { id, evaluation, buf, mark, since, waits }; `since` while it runs.
local shown, clock = {}, nil

for name, link in pairs({ Result = "Ok", Error = "Error", Running = "Hint" }) do
  vim.api.nvim_set_hl(0, "Nrepl" .. name, { link = "DiagnosticVirtualText" .. link, default = true })
end

local function put(one, row, column, text, highlight)
  one.mark = vim.api.nvim_buf_set_extmark(one.buf, NAMESPACE, row, column, {
    id = one.mark,
    right_gravity = false,
    strict = false, -- the text may have got shorter since the server spoke
    virt_text = text and { { " " }, { text, highlight } } or nil,
    hl_mode = "combine",
  })
end

local function remove(key)
  local one = shown[key]
  shown[key] = nil
  if one and vim.api.nvim_buf_is_loaded(one.buf) then
    vim.api.nvim_buf_del_extmark(one.buf, NAMESPACE, one.mark)
  end
end

---Short evaluations are over before this would make anything flicker.
local function tick()
  clock = nil
  for _, one in pairs(shown) do
    if one.since and vim.api.nvim_buf_is_loaded(one.buf) then
      local at = vim.api.nvim_buf_get_extmark_by_id(one.buf, NAMESPACE, one.mark, {})
      local seconds = math.floor((vim.uv.now() - one.since) / 1000)
      local text = one.waits and "⋯ waits for input" or seconds > 0 and ("⋯ %d s"):format(seconds)
      put(one, at[1] or 0, at[2] or 0, text, "NreplRunning")
      clock = clock or vim.defer_fn(tick, 1000)
    end
  end
end

function M.evaluation(params, id)
  local key, buf = id .. "/" .. params.evaluation, client.buffer(params.uri)
  local ended, place = params.values ~= nil, params.range
  if ended then
    remove(key)
    place = params.place
  end
  if not (buf and place) then
    return params.message and client.say(params.message, params.state == "error" and 1 or 3)
  end
  local one = shown[key] or { id = id, evaluation = params.evaluation, buf = buf }
  local row = math.min(place["end"].line, vim.api.nvim_buf_line_count(buf) - 1)
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1]
  local encoding = assert(vim.lsp.get_client_by_id(id)).offset_encoding
  local column = vim.str_byteindex(line, encoding, place["end"].character, false)
  shown[key] = (not ended or params.summary) and one or nil
  if params.summary then
    put(one, row, column, params.summary, params.state == "error" and "NreplError" or "NreplResult")
  elseif not ended then
    one.since, one.waits = one.since or vim.uv.now(), params.state == "needInput"
    if not one.mark or one.waits then
      put(one, row, column, one.waits and "⋯ waits for input" or nil, "NreplRunning")
    end
    clock = clock or vim.defer_fn(tick, 1000)
  end
end

function M.standing(params, id)
  local buf = client.buffer(params.uri)
  for key, one in pairs(shown) do
    local old = not one.since and not vim.list_contains(params.standing, one.evaluation)
    if one.buf == buf and one.id == id and old then
      remove(key)
    end
  end
end

return M
