-- Give a slot back, with what became of the request.
-- KEYS  1 slots   2 minute   3 breaker
-- ARGV  1 request  2 'worked' | 'failed' | 'neither'  3 failures before a rest  4 rest ms (0: as long as failures say)  5 longest ms
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREM', KEYS[1], ARGV[1])
if ARGV[2] == 'worked' then
  redis.call('DEL', KEYS[3])
elseif ARGV[2] == 'failed' then
  local failures = redis.call('HINCRBY', KEYS[3], 'failures', 1)
  local rest, tries = tonumber(ARGV[4]), tonumber(ARGV[3])
  if rest == 0 and failures >= tries then
    rest = math.min(tonumber(ARGV[5]), 1000 * 2 ^ math.min(failures - tries, 16))
  end
  if rest > 0 then
    redis.call('HSET', KEYS[3], 'until', math.max(now + rest, tonumber(redis.call('HGET', KEYS[3], 'until') or '0')))
  end
  redis.call('PEXPIRE', KEYS[3], math.max(rest, 0) + 600000)
end
return 1
