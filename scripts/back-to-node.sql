-- Writes an export of Orion to the tables of the Node service (docs/operations.md, "Return to the Node service"):
--
--   psql postgresql://chat@old.example.com/chat -f scripts/back-to-node.sql <all.ndjson
--
-- The script runs in one transaction. Imported data is matched with its original rows; new data keeps Orion's ids. Existing rows do not
-- change, except for sessions that were changed in Orion. A second run adds nothing. Notices report data that could not be written
-- unchanged. At the end, the script lists the sessions that exist here but not in the export.
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
-- In columns without a time zone, times are UTC, as the Node service and the import expect.
SET LOCAL TimeZone = 'UTC';
CREATE TEMPORARY TABLE archive (n bigint GENERATED ALWAYS AS IDENTITY, line jsonb NOT NULL) ON COMMIT DROP;
-- A line of an export contains no control characters. As quote and delimiter, they prevent COPY from interpreting the line.
\copy archive (line) FROM pstdin WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')

DO $$ BEGIN
  IF (SELECT line ->> 'type' = 'end' AND line ->> 'usersToCome' IS NULL FROM archive ORDER BY n DESC LIMIT 1) IS NOT TRUE
    OR EXISTS (SELECT FROM archive WHERE line ->> 'type' = 'export' AND line ->> 'format' <> '1') THEN
    RAISE EXCEPTION 'The input is not a complete export of format 1. Nothing was changed.';
  END IF;
END $$;

-- In the Node service, ids can be text or uuid, and metadata can be json, jsonb or text. They are compared as text, and cast when written.
SELECT pg_typeof((NULL::chat_sessions).session_id) AS session_id_type, pg_typeof((NULL::chat_sessions).metadata) AS session_metadata_type,
       pg_typeof((NULL::chat_messages).session_id) AS of_session_type, pg_typeof((NULL::chat_messages).message_id) AS message_id_type,
       pg_typeof((NULL::chat_messages).metadata) AS message_metadata_type
\gset

-- The form in which ids are compared: UUIDs in lower case, other ids unchanged.
CREATE FUNCTION pg_temp.id_key(id text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN lower(id) ELSE id END $$;

-- Orion stores valid JSON that PostgreSQL cannot store as jsonb, such as {"a":1e999999} or {"a":"\u0000"}. It must not stop the script.
CREATE FUNCTION pg_temp.read_metadata(whose text, json text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN json::jsonb;
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'The metadata of % cannot be stored and is skipped (%): an existing row keeps its metadata, a new row has none.', whose, SQLERRM;
  RETURN NULL;
END $$;

CREATE TEMPORARY TABLE old_sessions ON COMMIT DROP AS
SELECT session_id::text AS id, pg_temp.id_key(session_id::text) AS key, user_id::text AS user_id, lower(user_id::text COLLATE "C") AS owner
FROM chat_sessions;
CREATE TEMPORARY TABLE old_messages ON COMMIT DROP AS
SELECT message_id::text AS id, pg_temp.id_key(message_id::text) AS key, pg_temp.id_key(session_id::text) AS session_key, md5(content) AS digest
FROM chat_messages;

CREATE TEMPORARY TABLE back_sessions ON COMMIT DROP AS
SELECT line ->> 'sessionId' AS orion_id, line ->> 'sessionId' AS session_id, false AS is_old,
       max(line ->> 'userId') FILTER (WHERE line ->> 'type' = 'export') OVER (PARTITION BY part) AS user_id, NULL::text AS owner,
       line ->> 'title' AS title, pg_temp.read_metadata('session ' || (line ->> 'sessionId'), line ->> 'metadata') AS metadata,
       line ->> 'type' AS type, (line ->> 'createdAt')::timestamptz AS created_at, (line ->> 'updatedAt')::timestamptz AS updated_at
FROM (SELECT line, count(*) FILTER (WHERE line ->> 'type' = 'export') OVER (ORDER BY n) AS part
      FROM archive WHERE line ->> 'type' IN ('export', 'session')) AS parts;
DELETE FROM back_sessions WHERE type <> 'session';
UPDATE back_sessions SET owner = lower(user_id COLLATE "C");
-- New rows use the spelling of the user in the existing rows, because the Node service compares exactly.
UPDATE back_sessions b SET user_id = o.user_id
FROM (SELECT owner, min(user_id) AS user_id FROM old_sessions GROUP BY owner) AS o WHERE o.owner = b.owner;
CREATE UNIQUE INDEX ON back_sessions (orion_id);

CREATE TEMPORARY TABLE back_messages ON COMMIT DROP AS
SELECT line ->> 'sessionId' AS orion_session, line ->> 'id' AS orion_id, (line ->> 'sequence')::integer AS sequence, line ->> 'role' AS role,
       line ->> 'content' AS content, pg_temp.read_metadata('message ' || (line ->> 'id'), line ->> 'metadata') AS metadata,
       (line ->> 'createdAt')::timestamptz AS created_at, false AS is_there
FROM archive WHERE line ->> 'type' = 'message';
CREATE UNIQUE INDEX ON back_messages (orion_session, sequence);
ANALYZE old_sessions, old_messages, back_sessions, back_messages;

-- Finds the original session of each session: by its id, by its importedFrom, or, if a PATCH removed that member, by the importedFrom of
-- its messages. Users can write metadata, so only original sessions of the same user count, and each can be matched only once.
CREATE TEMPORARY TABLE claims ON COMMIT DROP AS
SELECT orion_id, old_id, row_number() OVER (PARTITION BY old_id ORDER BY evidence > 0, created_at, orion_id) AS place
FROM (
  SELECT DISTINCT ON (orion_id) orion_id, old_id, evidence, created_at
  FROM (
    SELECT b.orion_id, o.id AS old_id, 0 AS evidence, 0 AS sequence, b.created_at
    FROM back_sessions b JOIN old_sessions o ON o.key = b.orion_id AND o.owner = b.owner
    UNION ALL
    SELECT b.orion_id, o.id, 1, 0, b.created_at
    FROM back_sessions b JOIN old_sessions o ON o.key = pg_temp.id_key(b.metadata ->> 'importedFrom') AND o.owner = b.owner
    UNION ALL
    SELECT b.orion_id, o.id, 2, m.sequence, b.created_at
    FROM back_sessions b JOIN back_messages m ON m.orion_session = b.orion_id
    JOIN old_messages c ON c.key = pg_temp.id_key(coalesce(m.metadata ->> 'importedFrom', m.orion_id))
    JOIN old_sessions o ON o.key = c.session_key AND o.owner = b.owner
  ) AS found ORDER BY orion_id, evidence, sequence, old_id
) AS best;
UPDATE back_sessions b SET session_id = old_id, is_old = true FROM claims c WHERE c.orion_id = b.orion_id AND place = 1;

DO $$ DECLARE it record; BEGIN
  FOR it IN SELECT orion_id, old_id FROM claims WHERE place > 1 ORDER BY old_id, place LOOP
    RAISE NOTICE 'Session % refers to the original session %, which another session has already matched: it is written with its own id.', it.orion_id, it.old_id;
  END LOOP;
  FOR it IN DELETE FROM back_sessions b USING old_sessions o WHERE NOT is_old AND o.key = b.orion_id RETURNING b.orion_id LOOP
    RAISE NOTICE 'Session % is skipped: its id belongs to another user here.', it.orion_id;
  END LOOP;
END $$;
DELETE FROM back_messages m WHERE NOT EXISTS (SELECT FROM back_sessions b WHERE b.orion_id = m.orion_session);

-- Finds existing messages: by their id, or by the original id. Users can write the original id, so the session and the text must also
-- match, and each message can be matched only once.
UPDATE back_messages m SET is_there = true
FROM back_sessions b, old_messages c
WHERE b.orion_id = m.orion_session AND c.key = m.orion_id AND c.session_key = pg_temp.id_key(b.session_id);
UPDATE back_messages m SET is_there = true
FROM (SELECT DISTINCT ON (c.id) m.orion_session, m.sequence
      FROM back_messages m JOIN back_sessions b ON b.orion_id = m.orion_session
      JOIN old_messages c ON c.key = pg_temp.id_key(m.metadata ->> 'importedFrom') AND c.session_key = pg_temp.id_key(b.session_id)
      WHERE NOT is_there AND c.digest = md5(m.content) ORDER BY c.id, m.sequence) AS first
WHERE first.orion_session = m.orion_session AND first.sequence = m.sequence;

DO $$ DECLARE it record; BEGIN
  FOR it IN DELETE FROM back_messages m USING old_messages c WHERE NOT is_there AND c.key = m.orion_id RETURNING m.orion_id, c.session_key LOOP
    RAISE NOTICE 'Message % is skipped: its id belongs to another session (%) here.', it.orion_id, it.session_key;
  END LOOP;
END $$;

-- A first message that the Node service stored only in chat_sessions is not added to chat_messages.
UPDATE back_messages m SET is_there = true
FROM back_sessions b, chat_sessions s
WHERE b.orion_id = m.orion_session AND is_old AND s.session_id::text = b.session_id AND m.sequence = 1 AND s.first_message = m.content;

INSERT INTO chat_sessions (session_id, user_id, title, first_message, last_message, message_count, metadata, created_at, updated_at)
SELECT session_id:: :session_id_type, user_id, title,
       (SELECT left(content, 1000) FROM back_messages m WHERE m.orion_session = b.orion_id AND sequence = 1), '', 0,
       coalesce(metadata - 'importedFrom', '{}')::text:: :session_metadata_type, created_at, '-infinity'
FROM back_sessions b WHERE NOT is_old;

INSERT INTO chat_messages (message_id, session_id, role, content, metadata, created_at)
SELECT m.orion_id:: :message_id_type, b.session_id:: :of_session_type, role, content,
       coalesce(m.metadata - 'importedFrom', '{}')::text:: :message_metadata_type, m.created_at
FROM back_messages m JOIN back_sessions b ON b.orion_id = m.orion_session WHERE NOT is_there
ORDER BY b.session_id, sequence;

-- Updates the sessions that Orion changed, and the new sessions. A title that the import shortened remains complete. Empty metadata does
-- not replace existing metadata, because the import skips metadata that it cannot import.
UPDATE chat_sessions s
SET title = CASE WHEN length(b.title) = 200 AND starts_with(s.title, b.title) THEN s.title
                 ELSE coalesce(b.title, left(s.first_message, 50), 'New Chat') END,
    metadata = CASE WHEN coalesce(b.metadata - 'importedFrom', '{}') = '{}' THEN s.metadata
                    ELSE (b.metadata - 'importedFrom')::text:: :session_metadata_type END,
    updated_at = b.updated_at,
    message_count = coalesce(c.n, 0),
    last_message = coalesce((SELECT left(content, 1000) FROM back_messages m WHERE m.orion_session = b.orion_id ORDER BY sequence DESC LIMIT 1), '')
FROM back_sessions b
LEFT JOIN (SELECT pg_temp.id_key(session_id::text) AS key, count(*) AS n FROM chat_messages GROUP BY 1) AS c ON c.key = pg_temp.id_key(b.session_id)
WHERE b.session_id = s.session_id::text AND b.updated_at > s.updated_at;

\echo Sessions that are here but not in the export (deleted in Orion, or never imported):
SELECT session_id, user_id, title FROM chat_sessions s
WHERE lower(user_id::text COLLATE "C") IN (SELECT lower(line ->> 'userId' COLLATE "C") FROM archive WHERE line ->> 'type' = 'export')
  AND NOT EXISTS (SELECT FROM back_sessions b WHERE b.session_id = s.session_id::text)
ORDER BY updated_at;
COMMIT;
