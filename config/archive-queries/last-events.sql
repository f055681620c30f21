-- Where players leave: the last event of each session, by how many it was the last of
WITH told AS (
  SELECT DISTINCT kind, id, session, ms, name FROM telemetry WHERE project = 'PROJECT'
),
events AS (
  SELECT name, row_number() OVER (PARTITION BY session ORDER BY ms DESC, id DESC) AS place
  FROM told
  WHERE kind = 'event'
)
SELECT name, count(*) AS sessions
FROM events
WHERE place = 1
GROUP BY name
ORDER BY sessions DESC, name
