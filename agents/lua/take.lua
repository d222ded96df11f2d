-- Take a slot for one request to one model, or say why not. One step for all workers: nobody sees a half of it.
-- KEYS  1 slots (zset: request -> end of its lease)   2 minute (hash: level of requests and of tokens)   3 breaker (hash)
-- ARGV  1 request  2 lease ms  3 most at a time  4 requests a minute  5 tokens a minute  6 tokens of this one (0: no limit)
-- Answers {"ok", 0} or {why, ms to wait}.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local lease, most = tonumber(ARGV[2]), tonumber(ARGV[3])

local shut = tonumber(redis.call('HGET', KEYS[3], 'until') or '0')
if shut > now then return {'resting', shut - now} end

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if most > 0 and redis.call('ZCARD', KEYS[1]) >= most then
  return {'busy', 1000}
end

local function level(field, rate)
  local kept = tonumber(redis.call('HGET', KEYS[2], field) or rate)
  local at = tonumber(redis.call('HGET', KEYS[2], field .. '_at') or now)
  return math.min(rate, kept + (now - at) * rate / 60000)
end

local wanted = {{'requests', tonumber(ARGV[4]), 1}, {'tokens', tonumber(ARGV[5]), tonumber(ARGV[6])}}
local left = {}
for _, one in ipairs(wanted) do
  local field, rate, amount = one[1], one[2], one[3]
  if rate > 0 then
    -- What is more than a whole minute's share would never pass: it does when nothing else has been taken.
    local needed = math.min(amount, rate)
    local has = level(field, rate)
    if has < needed then return {field, math.ceil((needed - has) * 60000 / rate)} end
    left[field] = has - amount
  end
end

if shut > 0 then
  -- The rest is over. One request goes first; the others wait for what it finds.
  redis.call('HSET', KEYS[3], 'until', now + math.min(lease, 10000))
end
for field, has in pairs(left) do
  redis.call('HSET', KEYS[2], field, has, field .. '_at', now)
  redis.call('PEXPIRE', KEYS[2], 120000)
end
redis.call('ZADD', KEYS[1], now + lease, ARGV[1])
redis.call('PEXPIRE', KEYS[1], lease + 60000)
return {'ok', 0}
