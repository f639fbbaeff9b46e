-- Fills a migrated database with the messages of one owner (:owner) among those of others, in the order of time over three years.
-- psql -v owner=UUID -v own=1000000 -v others=10 -f fill.sql: for each message of the owner, :others messages of ten other owners.
-- Of the others' messages only the index is filled. The words have Zipf's distribution; a message has 80 words, about 60 of them different.
\set ON_ERROR_STOP on
SET session_replication_role = replica;
SET synchronous_commit = off;
SET work_mem = '256MB';

CREATE FUNCTION pg_temp.word(rank bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT left(translate(to_hex((rank * 2654435761) & 4294967295), '0123456789abcdef', 'etaoinshrdlucmfg'), CASE WHEN rank < 300 THEN 4 ELSE 7 END)
$$;

-- The letters of SearchTokens.Prefix.
CREATE FUNCTION pg_temp.base36(number bigint, length int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(substr('0123456789abcdefghijklmnopqrstuvwxyz', ((number / (36 ^ digit)::bigint) % 36)::int + 1, 1), '' ORDER BY digit DESC)
    FROM generate_series(0, length - 1) AS digit
$$;

CREATE TEMP TABLE texts AS
SELECT n, string_agg(w, ' ') AS content, (SELECT string_agg(d, ' ') FROM (SELECT DISTINCT unnest(array_agg(w)) AS d) AS different) AS words
FROM (SELECT n, pg_temp.word(exp(random() * ln(50000))::bigint) AS w FROM generate_series(1, 50000) AS n, generate_series(1, 80)) AS draws
GROUP BY n;
CREATE UNIQUE INDEX ON texts (n);
ANALYZE texts;

CREATE TEMP TABLE owners AS
SELECT k, CASE WHEN k = 0 THEN :'owner'::uuid ELSE md5('owner ' || k)::uuid END AS id, NULL::text AS prefix FROM generate_series(0, 10) AS k;
UPDATE owners SET prefix = pg_temp.base36(('x' || right(replace(id::text, '-', ''), 8))::bit(32)::bigint, 4);
CREATE TEMP TABLE weeks AS SELECT week, pg_temp.base36(week / 13, 2) AS prefix, '·' || pg_temp.base36(week % 13, 1) AS token FROM generate_series(0, 4000) AS week;

-- A session has 20 messages.
CREATE TEMP TABLE rows AS
SELECT n, o.id AS owner, o.k, o.prefix, md5(o.k || ' ' || s.nth / 20)::uuid AS session, (s.nth % 20 + 1)::int AS sequence,
       timestamptz '2023-11-01' + n * (interval '1096 days' / (:own * (:others + 1))) AS at
FROM generate_series(1, :own * (:others + 1)) AS n
CROSS JOIN LATERAL (SELECT n / (:others + 1) AS turn, n % (:others + 1) AS part) AS t
CROSS JOIN LATERAL (SELECT CASE WHEN part = 0 THEN 0 ELSE (turn * :others + part) % 10 + 1 END AS k,
                           CASE WHEN part = 0 THEN turn ELSE (turn * :others + part) / 10 END AS nth) AS s
JOIN owners o ON o.k = s.k;

INSERT INTO sessions (owner_id, id, title, first_message, last_message, message_count, metadata, created_at, updated_at, version, indexed_version)
SELECT owner, session, 'A session', '', '', count(*), '{}', min(at), max(at), 1, 1 FROM rows GROUP BY owner, session;

INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
SELECT owner, session, sequence, md5('message ' || r.n)::uuid, 'user', t.content, '{}', at FROM rows r JOIN texts t ON t.n = r.n % 50000 + 1 WHERE r.k = 0;

DROP INDEX ix_search_documents_tokens;
INSERT INTO search_documents (owner_id, session_id, sequence, period, created_at, tokens)
SELECT owner, session, sequence, w.week, at, (r.prefix || w.prefix || replace(w.token || ' ' || t.words, ' ', ' ' || r.prefix || w.prefix))::tsvector
FROM rows r JOIN texts t ON t.n = r.n % 50000 + 1 JOIN weeks w ON w.week = floor(extract(epoch FROM r.at) / 604800)
ORDER BY r.n;
SET maintenance_work_mem = '1GB';
CREATE INDEX ix_search_documents_tokens ON search_documents USING gin (tokens) WITH (gin_pending_list_limit = 256);
ANALYZE sessions, messages, search_documents;
SELECT relname, pg_size_pretty(pg_relation_size(oid)) AS size, reltuples::bigint AS rows FROM pg_class
WHERE relname LIKE '%search_documents%' OR relname IN ('messages', 'pk_messages', 'ix_messages_owner_id_session_id_id', 'sessions') ORDER BY 1;
