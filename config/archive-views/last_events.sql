-- Where players leave: the last event of each session, by how many it was the last of
-- project varchar, day varchar, name varchar, sessions bigint
SELECT project, day, name, count(*) AS sessions
FROM (
  SELECT project, day, name,
    row_number() OVER (PARTITION BY project, session ORDER BY ms DESC, id DESC) AS place
  FROM told
  WHERE kind = 'event'
) AS events
WHERE place = 1
GROUP BY project, day, name
