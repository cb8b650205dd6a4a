SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.blocks (
    by_user text NOT NULL COLLATE pg_catalog."C",
    target text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.client_messages (
    sender text NOT NULL COLLATE pg_catalog."C",
    client_msg_id bytea NOT NULL,
    "time" bigint NOT NULL,
    sent text NOT NULL
);
CREATE TABLE public.conversations (
    name text NOT NULL COLLATE pg_catalog."C",
    id uuid NOT NULL,
    last_seq bigint NOT NULL
)
WITH (fillfactor='70');
CREATE TABLE public.events (
    id uuid NOT NULL,
    "time" bigint NOT NULL,
    actor text COLLATE pg_catalog."C",
    online_only boolean NOT NULL,
    invite_id text COLLATE pg_catalog."C",
    version integer,
    body text NOT NULL,
    places text NOT NULL,
    conversation uuid,
    seq bigint
);
CREATE TABLE public.groups (
    group_id text NOT NULL COLLATE pg_catalog."C",
    about text NOT NULL,
    created_at bigint NOT NULL,
    paced_until bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='70');
CREATE TABLE public.invitations (
    invite_id text NOT NULL COLLATE pg_catalog."C",
    inviter text NOT NULL COLLATE pg_catalog."C",
    invitee text COLLATE pg_catalog."C",
    group_id text COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    due_at bigint,
    lasting boolean NOT NULL,
    node uuid NOT NULL,
    terms text NOT NULL,
    course text
);
CREATE TABLE public.leases (
    name text NOT NULL,
    node uuid NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE public.marks (
    name text NOT NULL,
    event uuid NOT NULL
);
CREATE TABLE public.members (
    group_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL,
    joined_at bigint NOT NULL
);
CREATE TABLE public.messages (
    conversation uuid NOT NULL,
    seq bigint NOT NULL,
    event uuid NOT NULL,
    sender text NOT NULL COLLATE pg_catalog."C",
    counted boolean NOT NULL,
    shown_last boolean NOT NULL,
    revoked boolean DEFAULT false NOT NULL
);
CREATE TABLE public.nodes (
    node uuid NOT NULL,
    series text NOT NULL,
    app text NOT NULL,
    has_bus boolean NOT NULL,
    beat_at timestamp with time zone NOT NULL
);
CREATE TABLE public.readers (
    user_id text NOT NULL COLLATE pg_catalog."C",
    conversation uuid NOT NULL,
    read_seq bigint NOT NULL
);
CREATE TABLE public.refinery_schema_history (
    version integer NOT NULL,
    name character varying(255),
    applied_on character varying(255),
    checksum character varying(255)
);
CREATE UNLOGGED TABLE public.seats (
    user_id text NOT NULL COLLATE pg_catalog."C",
    device_id text NOT NULL COLLATE pg_catalog."C",
    platform smallint NOT NULL,
    node uuid NOT NULL,
    session bigint NOT NULL,
    connected_at bigint NOT NULL
);
CREATE TABLE public.streams (
    user_id text NOT NULL COLLATE pg_catalog."C",
    cursor bigint NOT NULL,
    event uuid NOT NULL
);
CREATE TABLE public.users (
    user_id text NOT NULL COLLATE pg_catalog."C",
    profile text NOT NULL,
    created_at bigint NOT NULL,
    head bigint DEFAULT 0 NOT NULL,
    stream_floor bigint DEFAULT 0 NOT NULL,
    open_invitations integer DEFAULT 0 NOT NULL,
    paced_until bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='70');
INSERT INTO public.blocks VALUES ('bob', 'carol');
INSERT INTO public.client_messages VALUES ('alice', '\x6b6579', 1795712697673, '{"messageID":"01a218d1454c7496b95ff5759342eb3c","conversation":"c2c:alice bob","seq":3,"time":1795712697673,"cursor":7}');
INSERT INTO public.conversations VALUES ('group:g', '01a218d1-44ad-7419-afb0-925899da563a', 3);
INSERT INTO public.conversations VALUES ('c2c:alice bob', '01a218d1-4501-7331-ba71-1775bb7d25aa', 5);
INSERT INTO public.events VALUES ('01a218d1-44aa-7522-84a0-1d06e4214f4a', 1795712697514, 'alice', false, NULL, NULL, '"type":"group.membersAdded","groupID":"g","name":"g","by":"alice","userIDs":["alice","bob","carol"]}', '[["alice",1],["bob",1],["carol",1]]', NULL, NULL);
INSERT INTO public.events VALUES ('01a218d1-44ba-70be-aa86-53bc5f6ac886', 1795712697530, 'alice', false, NULL, NULL, '"type":"message.received","message":{"messageID":"01a218d144bc748f848f6d383297d051","conversation":"group:g","seq":1,"sender":"alice","groupID":"g","time":1795712697530,"type":"text","content":{"text":"one"}}}', '[["alice",2],["bob",2],["carol",2]]', '01a218d1-44ad-7419-afb0-925899da563a', 1);
INSERT INTO public.events VALUES ('01a218d1-44c1-7755-b231-cb49fc94eee0', 1795712697537, 'alice', false, NULL, NULL, '"type":"message.received","message":{"messageID":"01a218d144cd74f7bc92dfb9b4b77662","conversation":"group:g","seq":2,"sender":"alice","groupID":"g","time":1795712697537,"type":"text","content":{"text":"two"}}}', '[["alice",3],["bob",3],["carol",3]]', '01a218d1-44ad-7419-afb0-925899da563a', 2);
INSERT INTO public.events VALUES ('01a218d1-44cf-73c8-8c4d-c8343636f58e', 1795712697551, 'alice', false, NULL, NULL, '"type":"message.received","message":{"messageID":"01a218d144d97744a345705e306bc0ae","conversation":"group:g","seq":3,"sender":"alice","groupID":"g","time":1795712697551,"type":"text","content":{"text":"three"}}}', '[["alice",4],["bob",4],["carol",4]]', '01a218d1-44ad-7419-afb0-925899da563a', 3);
INSERT INTO public.events VALUES ('01a218d1-44da-712d-bf45-f01144e4f486', 1795712697562, 'bob', false, NULL, NULL, '"type":"message.read","conversation":"group:g","reader":"bob","seq":2}', '[["bob",5]]', NULL, NULL);
INSERT INTO public.events VALUES ('01a218d1-44ed-73d5-910e-f9e17a559d05', 1795712697581, 'bob', false, NULL, NULL, '"type":"user.profileChanged","userID":"bob","nickname":"Bobby \u0000 Tables","faceURL":"","ext":"{}"}', '[["bob",6]]', NULL, NULL);
INSERT INTO public.events VALUES ('01a218d1-44f4-7307-a0a6-820ccae3bc72', 1795712697588, 'bob', false, NULL, NULL, '"type":"user.blocked","userID":"carol"}', '[["bob",7]]', NULL, NULL);
INSERT INTO public.events VALUES ('01a218d1-44fc-7681-93d8-d31ad9c76079', 1795712697596, 'alice', false, 'answered', 1, '"type":"invitation.received","inviteID":"answered","inviter":"alice","inviteeList":["bob"],"data":"x","timeout":60,"deadline":1795712757596,"version":1,"device":{"deviceID":"alice-1","platform":7},"message":{"messageID":"01a218d145017331ba711774bc6f385e","conversation":"c2c:alice bob","seq":1}}', '[["alice",5],["bob",8]]', '01a218d1-4501-7331-ba71-1775bb7d25aa', 1);
INSERT INTO public.events VALUES ('01a218d1-4508-776b-adde-432a5cd9126e', 1795712697608, 'bob', false, 'answered', 2, '"type":"invitation.accepted","inviteID":"answered","inviter":"alice","invitee":"bob","data":"yes","version":2,"device":{"deviceID":"bob-1","platform":7},"message":{"messageID":"01a218d1450a7170ab1c23201b00f50b","conversation":"c2c:alice bob","seq":2}}', '[["alice",6],["bob",9]]', '01a218d1-4501-7331-ba71-1775bb7d25aa', 2);
INSERT INTO public.events VALUES ('01a218d1-4549-70fe-9a1f-f180591fd79f', 1795712697673, 'alice', false, NULL, NULL, '"type":"message.received","message":{"messageID":"01a218d1454c7496b95ff5759342eb3c","clientMsgID":"key","conversation":"c2c:alice bob","seq":3,"sender":"alice","receiver":"bob","time":1795712697673,"type":"text","content":{"text":"x"}}}', '[["alice",7],["bob",10]]', '01a218d1-4501-7331-ba71-1775bb7d25aa', 3);
INSERT INTO public.events VALUES ('01a218d1-4556-7538-bb3d-4460683a526e', 1795712697686, 'alice', false, 'lasting', 1, '"type":"invitation.received","inviteID":"lasting","inviter":"alice","inviteeList":["bob"],"data":"x","timeout":0,"version":1,"device":{"deviceID":"alice-1","platform":7},"message":{"messageID":"01a218d1456c7254a8f3ae47573a3855","conversation":"c2c:alice bob","seq":4}}', '[["alice",8],["bob",11]]', '01a218d1-4501-7331-ba71-1775bb7d25aa', 4);
INSERT INTO public.events VALUES ('01a218d1-4574-7538-b453-b5e26a47ad1d', 1795712697716, 'alice', false, 'due', 1, '"type":"invitation.received","inviteID":"due","inviter":"alice","inviteeList":["bob"],"data":"x","timeout":1,"deadline":1795712698716,"version":1,"device":{"deviceID":"alice-1","platform":7},"message":{"messageID":"01a218d14576724792aaf1859b1fb1c6","conversation":"c2c:alice bob","seq":5}}', '[["alice",9],["bob",12]]', '01a218d1-4501-7331-ba71-1775bb7d25aa', 5);
INSERT INTO public.groups VALUES ('g', '{"name":"g","join_policy":"free"}', 1795712697514, 1795712697561000);
INSERT INTO public.invitations VALUES ('answered', 'alice', 'bob', NULL, 1795712697596, NULL, false, '3f017eb9-e2df-457e-bb89-12bf5d26964d', '{"id":"answered","inviter":"alice","device":{"deviceID":"alice-1","platform":7},"invitees":["bob"],"data":"x","timeout":60,"created_at":1795712697596,"notify":"parties","switches":{},"receipt":{"c":5,"m":["01a218d145017331ba711774bc6f385e",1]}}', '{"version":2,"settled":[[0,{"state":"accepted","at":1795712697608,"version":2,"device":{"deviceID":"bob-1","platform":7},"data":"yes","receipt":{"c":9,"m":["01a218d1450a7170ab1c23201b00f50b",2]}}]],"end":{"reason":"completed","version":2,"at":1795712697608,"receipt":{}}}');
INSERT INTO public.invitations VALUES ('lasting', 'alice', 'bob', NULL, 1795712697686, 1827248697686, true, '3f017eb9-e2df-457e-bb89-12bf5d26964d', '{"id":"lasting","inviter":"alice","device":{"deviceID":"alice-1","platform":7},"invitees":["bob"],"data":"x","timeout":0,"created_at":1795712697686,"notify":"parties","switches":{},"receipt":{"c":8,"m":["01a218d1456c7254a8f3ae47573a3855",4]}}', NULL);
INSERT INTO public.invitations VALUES ('due', 'alice', 'bob', NULL, 1795712697716, 1795712698716, false, '3f017eb9-e2df-457e-bb89-12bf5d26964d', '{"id":"due","inviter":"alice","device":{"deviceID":"alice-1","platform":7},"invitees":["bob"],"data":"x","timeout":1,"created_at":1795712697716,"notify":"parties","switches":{},"receipt":{"c":9,"m":["01a218d14576724792aaf1859b1fb1c6",5]}}', NULL);
INSERT INTO public.members VALUES ('g', 'alice', 'owner', 1795712697514);
INSERT INTO public.members VALUES ('g', 'bob', 'member', 1795712697514);
INSERT INTO public.members VALUES ('g', 'carol', 'member', 1795712697514);
INSERT INTO public.messages VALUES ('01a218d1-44ad-7419-afb0-925899da563a', 1, '01a218d1-44ba-70be-aa86-53bc5f6ac886', 'alice', true, true, false);
INSERT INTO public.messages VALUES ('01a218d1-44ad-7419-afb0-925899da563a', 2, '01a218d1-44c1-7755-b231-cb49fc94eee0', 'alice', true, true, false);
INSERT INTO public.messages VALUES ('01a218d1-44ad-7419-afb0-925899da563a', 3, '01a218d1-44cf-73c8-8c4d-c8343636f58e', 'alice', true, true, false);
INSERT INTO public.messages VALUES ('01a218d1-4501-7331-ba71-1775bb7d25aa', 1, '01a218d1-44fc-7681-93d8-d31ad9c76079', 'alice', true, true, false);
INSERT INTO public.messages VALUES ('01a218d1-4501-7331-ba71-1775bb7d25aa', 2, '01a218d1-4508-776b-adde-432a5cd9126e', 'bob', true, true, false);
INSERT INTO public.messages VALUES ('01a218d1-4501-7331-ba71-1775bb7d25aa', 3, '01a218d1-4549-70fe-9a1f-f180591fd79f', 'alice', true, true, false);
INSERT INTO public.messages VALUES ('01a218d1-4501-7331-ba71-1775bb7d25aa', 4, '01a218d1-4556-7538-bb3d-4460683a526e', 'alice', true, true, false);
INSERT INTO public.messages VALUES ('01a218d1-4501-7331-ba71-1775bb7d25aa', 5, '01a218d1-4574-7538-b453-b5e26a47ad1d', 'alice', true, true, false);
INSERT INTO public.readers VALUES ('alice', '01a218d1-44ad-7419-afb0-925899da563a', 0);
INSERT INTO public.readers VALUES ('carol', '01a218d1-44ad-7419-afb0-925899da563a', 0);
INSERT INTO public.readers VALUES ('bob', '01a218d1-44ad-7419-afb0-925899da563a', 2);
INSERT INTO public.readers VALUES ('alice', '01a218d1-4501-7331-ba71-1775bb7d25aa', 0);
INSERT INTO public.readers VALUES ('bob', '01a218d1-4501-7331-ba71-1775bb7d25aa', 0);
INSERT INTO public.refinery_schema_history VALUES (1, 'tables', '2026-11-26T17:04:57.230004702Z', '17604681233014600611');
INSERT INTO public.streams VALUES ('alice', 1, '01a218d1-44aa-7522-84a0-1d06e4214f4a');
INSERT INTO public.streams VALUES ('bob', 1, '01a218d1-44aa-7522-84a0-1d06e4214f4a');
INSERT INTO public.streams VALUES ('carol', 1, '01a218d1-44aa-7522-84a0-1d06e4214f4a');
INSERT INTO public.streams VALUES ('alice', 2, '01a218d1-44ba-70be-aa86-53bc5f6ac886');
INSERT INTO public.streams VALUES ('bob', 2, '01a218d1-44ba-70be-aa86-53bc5f6ac886');
INSERT INTO public.streams VALUES ('carol', 2, '01a218d1-44ba-70be-aa86-53bc5f6ac886');
INSERT INTO public.streams VALUES ('alice', 3, '01a218d1-44c1-7755-b231-cb49fc94eee0');
INSERT INTO public.streams VALUES ('bob', 3, '01a218d1-44c1-7755-b231-cb49fc94eee0');
INSERT INTO public.streams VALUES ('carol', 3, '01a218d1-44c1-7755-b231-cb49fc94eee0');
INSERT INTO public.streams VALUES ('alice', 4, '01a218d1-44cf-73c8-8c4d-c8343636f58e');
INSERT INTO public.streams VALUES ('bob', 4, '01a218d1-44cf-73c8-8c4d-c8343636f58e');
INSERT INTO public.streams VALUES ('carol', 4, '01a218d1-44cf-73c8-8c4d-c8343636f58e');
INSERT INTO public.streams VALUES ('bob', 5, '01a218d1-44da-712d-bf45-f01144e4f486');
INSERT INTO public.streams VALUES ('bob', 6, '01a218d1-44ed-73d5-910e-f9e17a559d05');
INSERT INTO public.streams VALUES ('bob', 7, '01a218d1-44f4-7307-a0a6-820ccae3bc72');
INSERT INTO public.streams VALUES ('alice', 5, '01a218d1-44fc-7681-93d8-d31ad9c76079');
INSERT INTO public.streams VALUES ('bob', 8, '01a218d1-44fc-7681-93d8-d31ad9c76079');
INSERT INTO public.streams VALUES ('alice', 6, '01a218d1-4508-776b-adde-432a5cd9126e');
INSERT INTO public.streams VALUES ('bob', 9, '01a218d1-4508-776b-adde-432a5cd9126e');
INSERT INTO public.streams VALUES ('alice', 7, '01a218d1-4549-70fe-9a1f-f180591fd79f');
INSERT INTO public.streams VALUES ('bob', 10, '01a218d1-4549-70fe-9a1f-f180591fd79f');
INSERT INTO public.streams VALUES ('alice', 8, '01a218d1-4556-7538-bb3d-4460683a526e');
INSERT INTO public.streams VALUES ('bob', 11, '01a218d1-4556-7538-bb3d-4460683a526e');
INSERT INTO public.streams VALUES ('alice', 9, '01a218d1-4574-7538-b453-b5e26a47ad1d');
INSERT INTO public.streams VALUES ('bob', 12, '01a218d1-4574-7538-b453-b5e26a47ad1d');
INSERT INTO public.users VALUES ('carol', '{"userID":"carol","nickname":"","faceURL":"","ext":""}', 1795712697492, 4, 0, 0, 0);
INSERT INTO public.users VALUES ('alice', '{"userID":"alice","nickname":"","faceURL":"","ext":""}', 1795712697448, 9, 0, 2, 1795712697964000);
INSERT INTO public.users VALUES ('bob', '{"userID":"bob","nickname":"Bobby \u0000 Tables","faceURL":"","ext":"{}"}', 1795712697476, 12, 0, 0, 1795712697812000);
ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_pkey PRIMARY KEY (by_user, target);
ALTER TABLE ONLY public.client_messages
    ADD CONSTRAINT client_messages_pkey PRIMARY KEY (sender, client_msg_id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_id_key UNIQUE (id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups
    ADD CONSTRAINT groups_pkey PRIMARY KEY (group_id);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (invite_id);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (group_id, user_id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (conversation, seq);
ALTER TABLE ONLY public.nodes
    ADD CONSTRAINT nodes_pkey PRIMARY KEY (node);
ALTER TABLE ONLY public.readers
    ADD CONSTRAINT readers_pkey PRIMARY KEY (user_id, conversation);
ALTER TABLE ONLY public.refinery_schema_history
    ADD CONSTRAINT refinery_schema_history_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.seats
    ADD CONSTRAINT seats_pkey PRIMARY KEY (user_id, device_id);
ALTER TABLE ONLY public.streams
    ADD CONSTRAINT streams_pkey PRIMARY KEY (user_id, cursor);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (user_id);
CREATE INDEX brief_events ON public.events USING btree (id) WHERE online_only;
CREATE INDEX client_messages_by_time ON public.client_messages USING brin ("time");
CREATE INDEX groups_of_user ON public.members USING btree (user_id);
CREATE INDEX invitations_by_age ON public.invitations USING brin (created_at);
CREATE INDEX open_invitations_by_time ON public.invitations USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX open_invitations_of_group ON public.invitations USING btree (group_id) WHERE ((due_at IS NOT NULL) AND (group_id IS NOT NULL));
CREATE INDEX open_invitations_of_invitee ON public.invitations USING btree (invitee) WHERE ((due_at IS NOT NULL) AND (invitee IS NOT NULL));
CREATE INDEX open_invitations_of_inviter ON public.invitations USING btree (inviter) WHERE (due_at IS NOT NULL);
CREATE INDEX readers_of_conversation ON public.readers USING btree (conversation);
CREATE INDEX seats_of_node ON public.seats USING btree (node);
