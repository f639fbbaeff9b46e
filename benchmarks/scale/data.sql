-- Users, and a function that adds sessions. Session n belongs to a pseudo-random user and begins at minute n / 20 of the year 2025 (so 10
-- million take one year). It has a question of 100 characters and, every second one, a response of 500 characters.
CREATE TABLE orion_scale AS SELECT :users::int AS users;

INSERT INTO authorized_users (id, email, source, authorized_at, revoked_at, tokens_valid_from)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'user' || n || '@example.com', 'granted', now(), NULL, to_timestamp(0)
FROM generate_series(0, :users - 1) n;

CREATE FUNCTION owner_of(n bigint) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT ('00000000-0000-7000-8000-' || lpad(to_hex((hashint8(n) & 2147483647) % users), 12, '0'))::uuid FROM orion_scale
$$;

CREATE FUNCTION created_at(n bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT to_timestamp(1735689600 + n * 3)
$$;

-- A UUID of version 7: its first 48 bits are the time.
CREATE FUNCTION id_of(n bigint, salt text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex((1735689600 + n * 3) * 1000), 12, '0') || '7' || substr(md5(salt || n), 1, 3) || '8' || substr(md5(salt || n), 4, 15))::uuid
$$;

CREATE FUNCTION text_of(n bigint, length int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT left(repeat(md5(n::text) || ' ', length / 33 + 1), length)
$$;

CREATE FUNCTION fill(first bigint, last bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO sessions (owner_id, id, title, first_message, last_message, message_count, metadata, created_at, updated_at, archived_at, version, indexed_version)
  SELECT owner_of(n), id_of(n, 's'), 'Session ' || n, text_of(n, 100), text_of(n, CASE WHEN n % 2 = 0 THEN 500 ELSE 100 END),
         1 + (n % 2 = 0)::int, '{}', created_at(n), created_at(n) + (n % 1000) * interval '1 minute', CASE WHEN n % 20 = 0 THEN created_at(n + 30) END, 1, 1
  FROM generate_series(first, last) n;
  INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
  SELECT owner_of(n), id_of(n, 's'), m, id_of(n, 'm' || m), CASE m WHEN 1 THEN 'user' ELSE 'assistant' END,
         text_of(n, CASE m WHEN 1 THEN 100 ELSE 500 END), '{}', created_at(n)
  FROM generate_series(first, last) n CROSS JOIN LATERAL generate_series(1, 1 + (n % 2 = 0)::int) m
$$;
