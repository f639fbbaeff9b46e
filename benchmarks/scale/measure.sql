-- What the statements of src/Orion.Infrastructure cost on the server, without those for the search index. The writes remain.
CREATE FUNCTION cost(statement text, OUT ms float8, OUT pages bigint, OUT wal bigint) LANGUAGE plpgsql AS $$
DECLARE
  explained json;
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, WAL, TIMING OFF, FORMAT JSON) ' || statement INTO explained;
  plan := explained -> 0 -> 'Plan';
  ms := (explained -> 0 ->> 'Execution Time')::float8;
  pages := (plan ->> 'Shared Hit Blocks')::bigint + (plan ->> 'Shared Read Blocks')::bigint;
  wal := (plan ->> 'WAL Bytes')::bigint;
END
$$;

CREATE FUNCTION costs(runs int, OUT work text, OUT median float8, OUT p99 float8, OUT pages bigint, OUT wal bigint, OUT least_wal bigint)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
  total bigint;
  n bigint;
  owner text;
  session text;
  message text;
  statements text[];
BEGIN
  CREATE TEMP TABLE seen (work text, ms float8, pages bigint, wal bigint) ON COMMIT DROP;
  SELECT reltuples INTO total FROM pg_class WHERE oid = 'sessions'::regclass;
  FOR run IN 1 .. runs LOOP
    n := 1 + floor(random() * total * 0.99);
    owner := quote_literal(owner_of(n));
    session := quote_literal(id_of(n, 's'));
    message := quote_literal(gen_random_uuid());
    FOR work, statements IN VALUES
      ('list of 20', ARRAY[format(
        'SELECT id, title, first_message, last_message, message_count, metadata, created_at, updated_at, archived_at, version, tokens_valid_from
         FROM sessions WHERE owner_id = %s AND archived_at IS NULL ORDER BY updated_at DESC, id DESC LIMIT (SELECT 20)', owner)]),
      ('create', ARRAY[
        format('INSERT INTO sessions (owner_id, id, title, first_message, last_message, message_count, metadata, created_at, updated_at, version, indexed_version)
                VALUES (%s, gen_random_uuid(), ''New'', '''', '''', 0, ''{}'', now(), now(), 1, 1)', owner),
        format('SELECT 0 / count(*) FROM authorized_users WHERE id = %s AND revoked_at IS NULL AND tokens_valid_from <= now()', owner)]),
      ('append', ARRAY[
        format('SELECT * FROM sessions WHERE owner_id = %s AND id = %s FOR UPDATE', owner, session),
        format('INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
                VALUES (%s, %s, %s, %s, ''user'', %L, ''{}'', now())', owner, session, 3 + floor(random() * 2000000000)::int, message, text_of(n, 100)),
        format('UPDATE sessions SET last_message = %L, message_count = message_count + 1, updated_at = now(), version = version + 1, indexed_version = version + 1
                WHERE owner_id = %s AND id = %s', text_of(n, 100), owner, session),
        format('SELECT 0 / count(*) FROM authorized_users WHERE id = %s AND revoked_at IS NULL AND tokens_valid_from <= now()', owner)])
    LOOP
      INSERT INTO seen SELECT work, sum(c.ms), sum(c.pages), sum(c.wal) FROM unnest(statements) s CROSS JOIN LATERAL cost(s) c;
    END LOOP;
  END LOOP;
  RETURN QUERY SELECT s.work, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY s.ms)::numeric, 3)::float8,
                      round(percentile_cont(0.99) WITHIN GROUP (ORDER BY s.ms)::numeric, 3)::float8,
                      percentile_disc(0.5) WITHIN GROUP (ORDER BY s.pages), percentile_disc(0.5) WITHIN GROUP (ORDER BY s.wal), min(s.wal)
               FROM seen s GROUP BY s.work ORDER BY position(s.work IN 'list of 20, create, append');
END
$$;

CREATE FUNCTION sizes(OUT table_name text, OUT row_count bigint, OUT table_bytes bigint, OUT index_bytes bigint, OUT total_mib bigint)
RETURNS SETOF record LANGUAGE sql AS $$
  SELECT root, rows::bigint, (heap / rows)::bigint, (indexes / rows)::bigint, ((heap + indexes) / 1048576)::bigint
  FROM (
    SELECT root, sum(c.reltuples) AS rows, sum(pg_table_size(c.oid)) AS heap, sum(pg_indexes_size(c.oid)) AS indexes
    FROM unnest(ARRAY['sessions', 'messages']) root
    JOIN pg_class c ON c.relkind = 'r' AND (c.oid = root::regclass OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid AND i.inhparent = root::regclass))
    GROUP BY root) AS t
  ORDER BY root DESC
$$;
