-- room_again --
-- Orders whose own budget has room again for the first that waits for it go on by themselves: what they had reserved and
-- did not spend is theirs. What many share waits for a person, who may have left the rest on purpose.
UPDATE billing_budget b SET going_on_at = now()
  FROM (SELECT t.wait -> 'detail' ->> 'key' AS key,
               (array_agg((t.wait -> 'detail' ->> 'needed')::numeric ORDER BY t.priority DESC, t.id))[1] AS needed
          FROM nexus_task t
         WHERE t.state = 'waiting_approval' AND (t.wait -> 'code') = '"budget_exceeded"'::jsonb
           AND t.wait -> 'detail' ->> 'scope' = 'order'
         GROUP BY 1) w
 WHERE b.kind = 'order' AND b.key = w.key AND b.period = 'all' AND b.going_on_at IS NULL
   AND (b.limit_usd IS NULL OR b.spent + b.reserved + w.needed <= b.limit_usd)
