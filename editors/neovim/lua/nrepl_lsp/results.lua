-- Values at the end of their forms' lines; while code runs, how long it has.
local client = require("nrepl_lsp.client")

local NAMESPACE = vim.api.nvim_create_namespace("nrepl_lsp.results")

-- By server and evaluation: { id, buf, mark, since, params }, with what was told of it last.
local M, shown, clock = {}, {}, assert(vim.uv.new_timer())

for name, link in pairs({ Result = "Ok", Error = "Error", Running = "Hint" }) do
  vim.cmd.highlight("default link Nrepl" .. name .. " DiagnosticVirtualText" .. link)
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

local function remove(key) -- its buffer may be gone
  local one = shown[key]
  shown[key] = nil
  if one then pcall(vim.api.nvim_buf_del_extmark, one.buf, NAMESPACE, one.mark) end
end

---Short evaluations are over before this would make anything flicker.
local function tick()
  clock:stop()
  for _, one in pairs(shown) do
    local is_loaded, get = vim.api.nvim_buf_is_loaded(one.buf), vim.api.nvim_buf_get_extmark_by_id
    local at = is_loaded and get(one.buf, NAMESPACE, one.mark, {}) or {}
    if at[1] and not one.params.values then
      local seconds = math.floor((vim.uv.now() - one.since) / 1000)
      local text = seconds > 0 and ("⋯ %d s"):format(seconds) or nil
      text = one.params.state == "needInput" and "⋯ waits for input" or text
      put(one, at[1], at[2], text, "NreplRunning")
      clock:start(1000, 0, vim.schedule_wrap(tick))
    end
  end
end

function M.evaluation(params, id)
  local key, buf = id .. "/" .. params.evaluation, client.buffer(params.uri)
  local place, failed = params.range, params.state == "error"
  if params.values then -- it has ended
    remove(key)
    place = params.place
  end
  if not (buf and place) then
    return params.message and client.say(params.message, failed and 1 or 3)
  end
  local one = shown[key] or { id = id, buf = buf, since = vim.uv.now() }
  one.params, shown[key] = params, one
  if not one.mark then
    local row = math.min(place["end"].line, vim.api.nvim_buf_line_count(buf) - 1)
    local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1]
    local encoding = assert(vim.lsp.get_client_by_id(id)).offset_encoding
    local column = vim.str_byteindex(line, encoding, place["end"].character, false)
    put(one, row, column, params.summary, failed and "NreplError" or "NreplResult")
  end
  if params.state == "needInput" or not clock:is_active() then tick() end
end

function M.standing(params, id)
  for key, one in pairs(shown) do
    local stands = vim.list_contains(params.standing, one.params.evaluation)
    local is_result = one.id == id and one.params.uri == params.uri and one.params.values
    if is_result and not stands then remove(key) end
  end
end

return M
