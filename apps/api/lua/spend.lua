-- Take requests out of a key's bucket. One step for all processes: nobody sees a half of it.
-- KEYS  1 bucket (hash: level, at)
-- ARGV  1 requests that it holds  2 ms in which it fills  3 requests wanted
-- Answers {taken, left, ms until there is one}.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local holds, fills, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = math.min(holds, tonumber(kept[1] or holds) + math.max(0, now - tonumber(kept[2] or now)) * holds / fills)
if level < 1 then
  return {0, 0, math.ceil((1 - level) * fills / holds)}
end
local taken = math.min(wanted, math.floor(level))
redis.call('HSET', KEYS[1], 'level', level - taken, 'at', now)
redis.call('PEXPIRE', KEYS[1], fills + 1000)
return {taken, math.floor(level - taken), 0}
