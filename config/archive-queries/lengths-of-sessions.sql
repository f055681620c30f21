-- Seconds from the start of each session to the last that was heard of it, and how much was
WITH told AS (
  SELECT DISTINCT kind, id, session, ms FROM telemetry WHERE project = 'PROJECT'
)
SELECT session, min(ms) AS began_ms, floor((max(ms) - min(ms)) / 1000.0) AS seconds,
  count(*) AS told
FROM told
GROUP BY session
ORDER BY began_ms, session
