-- How far each endpoint of webhooks has been served, and as JSON, which events before that place wait for another attempt.
CREATE TABLE webhooks (
    endpoint text COLLATE "C" PRIMARY KEY,
    place uuid NOT NULL,
    state text NOT NULL
);
