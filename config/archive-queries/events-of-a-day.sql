-- How often each event came on each day, and in how many sessions
WITH told AS (
  SELECT DISTINCT kind, id, session, ms, name, day FROM telemetry WHERE project = 'PROJECT'
)
SELECT day, name, count(*) AS times, count(DISTINCT session) AS sessions
FROM told
WHERE kind = 'event'
GROUP BY day, name
ORDER BY day, times DESC, name
