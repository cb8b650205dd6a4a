-- Which invitations are pending for which invitee, of all inviters and also in groups; guarded by the invitee's row in users.
CREATE TABLE pending (
    invitee text COLLATE "C" NOT NULL,
    invite_id text COLLATE "C" NOT NULL,
    inviter text COLLATE "C" NOT NULL,
    PRIMARY KEY (invitee, invite_id)
);

-- Those that are open already. The records are JSON text in which payloads may hold \u0000, which jsonb refuses: the escape is taken out, and an
-- escaped backslash is set aside meanwhile (no record holds the control character itself).
INSERT INTO pending (invitee, invite_id, inviter)
SELECT DISTINCT named.invitee, invite_id, inviter
FROM invitations
CROSS JOIN LATERAL (SELECT
    replace(replace(replace(terms, '\\', E'\x01'), '\u0000', ''), E'\x01', '\\')::jsonb AS terms,
    replace(replace(replace(course, '\\', E'\x01'), '\u0000', ''), E'\x01', '\\')::jsonb AS course) AS record
CROSS JOIN LATERAL jsonb_array_elements_text(record.terms -> 'invitees') WITH ORDINALITY AS named (invitee, place)
WHERE due_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM jsonb_array_elements(record.course -> 'settled') AS settled
    WHERE (settled ->> 0)::bigint = named.place - 1);
