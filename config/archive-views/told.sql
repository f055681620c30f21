-- All that was told, each once: what is delivered twice has the same words
-- project varchar, day varchar, kind varchar, id varchar, session varchar, ms bigint, name varchar, score bigint, data varchar
SELECT DISTINCT project, day, kind, id, session, ms, name, score, data
FROM telemetry
