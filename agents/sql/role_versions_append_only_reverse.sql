-- Undo role_versions_append_only.sql.
DROP TRIGGER IF EXISTS role_versions_are_append_only ON agents_roleversion;
DROP FUNCTION IF EXISTS agents_refuse_role_version_change();
