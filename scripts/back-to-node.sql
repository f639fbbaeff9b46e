-- Writes an export of Orion into the tables of the Node service (docs/operations.md, "Go back to the Node service"):
--
--   psql postgresql://chat@old.example.com/chat -f scripts/back-to-node.sql <all.ndjson
--
-- One transaction. What was taken over from there finds its old rows again; what is new keeps Orion's ids. Rows that are there stay,
-- but for the sessions that were changed in Orion. Run again it adds nothing. At the end it lists what is there and not in the export.
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
CREATE TEMPORARY TABLE archive (n bigint GENERATED ALWAYS AS IDENTITY, line jsonb NOT NULL) ON COMMIT DROP;
-- A line of an export holds no control characters: as quote and delimiter they keep COPY from reading anything into it.
\copy archive (line) FROM pstdin WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')

DO $$ BEGIN
  IF (SELECT line ->> 'type' = 'end' AND line ->> 'usersToCome' IS NULL FROM archive ORDER BY n DESC LIMIT 1) IS NOT TRUE
    OR EXISTS (SELECT FROM archive WHERE line ->> 'type' = 'export' AND line ->> 'format' <> '1') THEN
    RAISE EXCEPTION 'This is no whole export of format 1. Nothing was changed.';
  END IF;
END $$;

CREATE TEMPORARY TABLE back_sessions ON COMMIT DROP AS
SELECT line ->> 'sessionId' AS orion_id, coalesce(metadata ->> 'importedFrom', line ->> 'sessionId') AS session_id,
       max(line ->> 'userId') FILTER (WHERE line ->> 'type' = 'export') OVER (PARTITION BY part) AS user_id,
       line ->> 'title' AS title, metadata - 'importedFrom' AS metadata, line ->> 'type' AS type,
       (line ->> 'createdAt')::timestamptz AS created_at, (line ->> 'updatedAt')::timestamptz AS updated_at
FROM (SELECT line, (line ->> 'metadata')::jsonb AS metadata, count(*) FILTER (WHERE line ->> 'type' = 'export') OVER (ORDER BY n) AS part
      FROM archive WHERE line ->> 'type' IN ('export', 'session')) AS parts;
DELETE FROM back_sessions WHERE type <> 'session';

CREATE TEMPORARY TABLE back_messages ON COMMIT DROP AS
SELECT coalesce(lines.metadata ->> 'importedFrom', line ->> 'id') AS message_id, session_id, (line ->> 'sequence')::integer AS sequence,
       line ->> 'role' AS role, line ->> 'content' AS content, lines.metadata - 'importedFrom' AS metadata,
       (line ->> 'createdAt')::timestamptz AS created_at
FROM (SELECT line, (line ->> 'metadata')::jsonb AS metadata FROM archive WHERE line ->> 'type' = 'message') AS lines
JOIN back_sessions ON orion_id = line ->> 'sessionId';
CREATE INDEX ON back_messages (session_id, sequence);
ANALYZE back_sessions, back_messages;

-- A first message that the Node service kept in chat_sessions alone stays there alone.
DELETE FROM back_messages m USING chat_sessions s
WHERE m.sequence = 1 AND s.session_id = m.session_id AND s.first_message = m.content
  AND NOT EXISTS (SELECT FROM chat_messages c WHERE c.message_id = m.message_id);

INSERT INTO chat_sessions (session_id, user_id, title, first_message, last_message, message_count, metadata, created_at, updated_at)
SELECT session_id, user_id, title, (SELECT left(content, 1000) FROM back_messages m WHERE m.session_id = b.session_id AND sequence = 1),
       '', 0, metadata, created_at, '-infinity'
FROM back_sessions b WHERE NOT EXISTS (SELECT FROM chat_sessions s WHERE s.session_id = b.session_id);

INSERT INTO chat_messages (message_id, session_id, role, content, metadata, created_at)
SELECT message_id, session_id, role, content, metadata, created_at
FROM back_messages m WHERE NOT EXISTS (SELECT FROM chat_messages c WHERE c.message_id = m.message_id)
ORDER BY session_id, sequence;

-- Those that Orion changed, and the new ones.
UPDATE chat_sessions s
SET title = coalesce(b.title, left(s.first_message, 50), 'New Chat'), metadata = b.metadata, updated_at = b.updated_at,
    message_count = (SELECT count(*) FROM chat_messages c WHERE c.session_id = s.session_id),
    last_message = coalesce((SELECT left(content, 1000) FROM back_messages m WHERE m.session_id = s.session_id ORDER BY sequence DESC LIMIT 1), '')
FROM back_sessions b WHERE b.session_id = s.session_id AND b.updated_at > s.updated_at;

\echo There, and not in the export (deleted in Orion since, or never taken over):
SELECT session_id, user_id, title FROM chat_sessions s
WHERE user_id IN (SELECT user_id FROM back_sessions) AND NOT EXISTS (SELECT FROM back_sessions b WHERE b.session_id = s.session_id)
ORDER BY updated_at;
COMMIT;
