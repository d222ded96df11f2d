-- What a role was is kept as it was: a change is followed by another change, never edited and never removed.
CREATE FUNCTION agents_refuse_role_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'versions of roles are append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER role_versions_are_append_only BEFORE UPDATE OR DELETE ON agents_roleversion
    FOR EACH STATEMENT EXECUTE FUNCTION agents_refuse_role_version_change();

-- Roles that were there before their history was: what they are now is how it begins.
INSERT INTO agents_roleversion
    (role, version, provider, model, chain, effort, max_output_tokens, system_prompt, steps_down_to, actor, reason)
SELECT name, version, provider, model, chain, effort, max_output_tokens, system_prompt, steps_down_to, 'upgrade', '' FROM agents_role;
