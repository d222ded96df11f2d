-- nexus_settle_together: complete several tasks of one run that one worker holds; one transaction, so one commit.
--
-- The same as nexus_settle for each in turn, in the order given; the last goes on. Each is guarded by its own fence: one
-- that is fenced writes nothing, and the others are settled.
-- Returns the verdict of each, and of all together what nexus_settle returns of one.
CREATE OR REPLACE FUNCTION nexus_settle_together(
    p_tasks bigint[], p_run bigint, p_fences bigint[], p_outputs jsonb[], p_covered double precision,
    p_head double precision, p_go_on text, p_holder text, p_delivery text, p_lease double precision,
    p_short text[], p_along int,
    OUT verdicts text[], OUT seq bigint, OUT next jsonb, OUT along jsonb, OUT ring double precision, OUT ended boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_last int := cardinality(p_tasks);
    s record;
BEGIN
    FOR v_place IN 1 .. v_last LOOP
        SELECT * INTO s FROM nexus_settle(
            p_tasks[v_place], p_run, p_fences[v_place], 'completed', p_outputs[v_place], NULL, NULL, NULL,
            NULL, p_covered, p_head, CASE WHEN v_place = v_last THEN p_go_on END, p_holder, p_delivery, p_lease,
            p_short, p_along);
        verdicts := verdicts || s.verdict;
        seq := coalesce(s.seq, seq);
        ring := least(ring, s.ring);
        ended := coalesce(ended, false) OR coalesce(s.ended, false);
    END LOOP;
    next := s.next;
    along := s.along;
END $$;
