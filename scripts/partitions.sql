-- Converts every table that has a column owner_id into one that is partitioned by the hash of owner_id, with the same columns, defaults,
-- keys, indexes, foreign keys and privileges, all read from the catalog. Tables that are partitioned already are left as they are, so the
-- script can run again after a migration has added a table.
--
--   psql "$MIGRATION_DATABASE_URL" -v ON_ERROR_STOP=1 -c "SET orion.partitions = 16" -f scripts/partitions.sql
--
-- Stop Orion first. The script copies all rows in one transaction and locks the tables until it ends; if it fails, nothing has changed.
-- docs/scale.md states how long it takes and how much disk space it needs. Run it as the owner of the tables.
DO $$
DECLARE
    parts constant int := coalesce(nullif(current_setting('orion.partitions', true), ''), '16')::int;
    target constant text := current_schema();
    source constant text := 'orion_unpartitioned';
    plain_tables text[];
    statements text[] := '{}';
    statement text;
    name text;
BEGIN
    SELECT array_agg(c.relname::text ORDER BY c.relname) INTO plain_tables
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'owner_id' AND NOT a.attisdropped
    WHERE c.relnamespace = target::regnamespace AND c.relkind = 'r' AND NOT c.relispartition;
    IF plain_tables IS NULL THEN RETURN; END IF;
    -- No notice for each table that it drops.
    PERFORM set_config('client_min_messages', 'warning', true);

    -- What has to be created again, before the tables change their schema: keys and unique constraints, then other indexes, then foreign
    -- keys and triggers. A unique index without owner_id is an error of PostgreSQL.
    FOR statement IN
        SELECT made.text FROM (
            SELECT CASE WHEN con.contype = 'f' THEN 4 ELSE 1 END AS step, c.relname::text || con.conname AS name,
                   format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, con.conname, pg_get_constraintdef(con.oid)) AS text
            FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
            WHERE c.relnamespace = target::regnamespace AND c.relname = ANY (plain_tables) AND con.contype IN ('p', 'u', 'f')
              -- Not those that PostgreSQL adds for each part of a table that a foreign key refers to.
              AND con.conparentid = 0
            UNION ALL
            SELECT 2, i.relname, pg_get_indexdef(i.oid)
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
            WHERE c.relnamespace = target::regnamespace AND c.relname = ANY (plain_tables)
              AND NOT EXISTS (SELECT FROM pg_constraint con WHERE con.conindid = i.oid AND con.contype IN ('p', 'u'))
            UNION ALL
            SELECT 3, c.relname, format(
                'GRANT %s ON %I TO %s%s', acl.privilege_type, c.relname,
                CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END,
                CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) acl
            WHERE c.relnamespace = target::regnamespace AND c.relname = ANY (plain_tables) AND acl.grantee <> c.relowner
            UNION ALL
            SELECT 5, t.tgname, pg_get_triggerdef(t.oid)
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relnamespace = target::regnamespace AND c.relname = ANY (plain_tables) AND NOT t.tgisinternal) AS made
        ORDER BY made.step, made.name
    LOOP
        statements := statements || statement;
    END LOOP;

    EXECUTE format('CREATE SCHEMA %I', source);
    FOREACH name IN ARRAY plain_tables LOOP
        -- Indexes move along and leave their names free.
        EXECUTE format('ALTER TABLE %I SET SCHEMA %I', name, source);
        EXECUTE format(
            'CREATE TABLE %I (LIKE %I.%I INCLUDING ALL EXCLUDING INDEXES EXCLUDING STATISTICS) PARTITION BY HASH (owner_id)', name, source, name);
        EXECUTE format('ALTER TABLE %I OWNER TO %I', name, (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = format('%I.%I', source, name)::regclass));
        FOR part IN 0 .. parts - 1 LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS %s, REMAINDER %s)', name || '_p' || part, name, parts, part);
            EXECUTE format('ALTER TABLE %I OWNER TO %I', name || '_p' || part, (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = name::regclass));
        END LOOP;
        EXECUTE format('INSERT INTO %I SELECT * FROM %I.%I', name, source, name);
    END LOOP;

    EXECUTE format('DROP SCHEMA %I CASCADE', source);
    FOREACH statement IN ARRAY statements LOOP
        EXECUTE statement;
    END LOOP;
    FOREACH name IN ARRAY plain_tables LOOP
        EXECUTE format('ANALYZE %I', name);
    END LOOP;
END
$$;
