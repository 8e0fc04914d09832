-- Does to one account, in one step and by the server's clock, what ratelimit.Account.Exchange does in Go; the text of the
-- account is that of its AppendText. Times are microseconds, intervals nanoseconds.
-- KEYS: the account. ARGV: want, unused, stamp, pause, heard (0 or 1), remaining, reset, ago, binding (0 or 1), how many
-- rules, and of each its interval, burst, events and length.
-- Returns how many events may pass, how long they are good for, the stamp of the grant, and how long to wait.
local arg = {}
for i, v in ipairs(ARGV) do arg[i] = tonumber(v) end
local want, unused, stamp, pause = arg[1], arg[2], arg[3], arg[4]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1e6 + tonumber(time[2])

-- The account, a new one where there is none, where its text is broken, or where it was written later than now.
local a = {written = 0, paused = 0, remaining = 0, at = 0, reset = 0, bound = 0, tokens = 0, most = 0, since = 0, gates = {}}

local function load(text)
  local v, i = {}, 0
  for word in string.gmatch(text, '%S+') do v[#v + 1] = tonumber(word) end
  local function next()
    i = i + 1
    if not v[i] or math.abs(v[i]) > 2 ^ 53 or v[i] ~= math.floor(v[i]) then error('corrupt') end
    return v[i]
  end
  local function count()
    local n = next()
    if n < 0 or n > #v then error('corrupt') end
    return n
  end
  if next() ~= 1 then return end
  local b = {gates = {}}
  for _, name in ipairs({'written', 'paused', 'remaining', 'at', 'reset', 'bound', 'tokens', 'most', 'since'}) do b[name] = next() end
  for _ = 1, count() do
    local g = {interval = next(), burst = next(), events = next(), per = next(), full = next(), last = next(), log = {}}
    for k = 1, count() do g.log[k] = {at = next(), n = next()} end
    b.gates[#b.gates + 1] = g
  end
  if i == #v and b.written <= now + 2e6 then a = b end
end

local text = redis.call('GET', KEYS[1])
if text then pcall(load, text) end
a.written = math.max(now, a.written)

local same = #a.gates == arg[10]
local gates = {}
for k = 1, arg[10] do
  local p = 10 + 4 * (k - 1)
  local g = {interval = arg[p + 1], burst = arg[p + 2], events = arg[p + 3], per = arg[p + 4], full = 0, last = 0, log = {}}
  local old = a.gates[k]
  same = same and old.interval == g.interval and old.burst == g.burst and old.events == g.events and old.per == g.per
  gates[k] = g
end
if same then gates = a.gates end
for _, g in ipairs(gates) do
  local kept = {}
  for _, t in ipairs(g.log) do
    if t.at + g.per > now then kept[#kept + 1] = t end
  end
  g.log = kept
end
if a.reset <= now then a.bound = 0 end

local life = 1e6
for _, g in ipairs(gates) do
  local span = math.floor(g.burst * g.interval / 1000)
  if g.events > 0 then span = math.min(span, g.per) end
  life = math.min(life, math.floor(span / 32))
end

local function slot(g, t)
  if g.events <= 64 then return t end
  local part = math.max(math.floor(g.per / 64), 1)
  return math.ceil(t / part) * part
end

local function used(g)
  local n = 0
  for _, t in ipairs(g.log) do n = n + t.n end
  return n
end

local function left()
  local grown = (1000 * a.most - a.tokens) * math.max(now - a.since, 0) / math.max(a.reset - a.since, 1)
  return math.min(a.tokens + math.floor(grown), 1000 * a.most)
end

-- What an earlier grant had too much.
if unused > 0 then
  for _, g in ipairs(gates) do
    if stamp == g.last then g.full = g.full - math.floor(unused * g.interval / 1000) end
    local at = slot(g, stamp)
    for _, t in ipairs(g.log) do
      if t.at == at then t.n = math.max(t.n - unused, 0); break end
    end
  end
  if a.bound == 1 and a.at + life <= stamp then
    a.tokens, a.most = a.tokens + 1000 * unused, a.most + unused
  end
end

if pause > 0 then a.paused = math.max(a.paused, now + pause) end

-- What the provider said.
if arg[5] == 1 then
  local tokens = 1000 * arg[6]
  if a.bound == 1 then tokens = math.min(tokens, left()) end
  a.remaining, a.at = arg[6], now - arg[8]
  a.reset = a.at + arg[7]
  a.bound = (arg[9] == 1 and a.reset > now) and 1 or 0
  a.tokens, a.most, a.since = tokens, arg[6], now
end

-- What may pass.
local free = 2147483647
if a.paused > now then free = 0 end
for _, g in ipairs(gates) do
  free = math.min(free, math.floor((g.burst * g.interval - 1000 * math.max(g.full - now, 0)) / g.interval))
  if g.events > 0 then free = math.min(free, g.events - used(g)) end
end
if a.bound == 1 then free = math.min(free, math.floor(left() / 1000)) end

local n, good, mark, wait = 0, 0, 0, 0
if want < 1 or free < 1 then
  wait = math.max(a.paused - now, 0)
  for _, g in ipairs(gates) do
    wait = math.max(wait, g.full - math.floor((g.burst - 1) * g.interval / 1000) - now)
    if g.events > 0 and used(g) >= g.events then wait = math.max(wait, g.log[1].at + g.per - now) end
  end
  if a.bound == 1 and left() < 1000 then
    local growth = (1000 * a.most - a.tokens) / math.max(a.reset - a.since, 1)
    wait = math.max(wait, math.min(math.ceil((1000 - left()) / growth), a.reset - now))
  end
elseif #gates == 0 and a.bound == 0 then
  n, good = want, 1e6
else
  n = math.min(free, math.max(want, math.min(math.floor(free / 8), 256)))
  good, mark = life, now
  if n > 1 then mark = now + life end
  for _, g in ipairs(gates) do
    g.full, g.last = math.max(g.full, mark) + math.ceil(n * g.interval / 1000), mark
    if g.events > 0 then
      local at, k = slot(g, mark), 1
      while g.log[k] and g.log[k].at < at do k = k + 1 end
      if not g.log[k] or g.log[k].at ~= at then table.insert(g.log, k, {at = at, n = 0}) end
      g.log[k].n = g.log[k].n + n
    end
  end
  if a.bound == 1 then
    a.tokens = left() - 1000 * n
    a.most, a.since = a.most - n, now
  end
end

-- The account is kept for as long as it says something.
local out = {1, a.written, a.paused, a.remaining, a.at, a.reset, a.bound, a.tokens, a.most, a.since, #gates}
local till = math.max(a.paused, a.reset)
local function put(v) out[#out + 1] = v end
for _, g in ipairs(gates) do
  put(g.interval); put(g.burst); put(g.events); put(g.per); put(g.full); put(g.last); put(#g.log)
  till = math.max(till, g.full)
  for _, t in ipairs(g.log) do
    put(t.at); put(t.n)
    till = math.max(till, t.at + g.per)
  end
end
if till > now then
  for k, v in ipairs(out) do out[k] = string.format('%.0f', v) end
  redis.call('SET', KEYS[1], table.concat(out, ' ') .. '\n', 'PX', string.format('%.0f', math.ceil((till - now) / 1000)))
end
return {n, good, mark, wait}
