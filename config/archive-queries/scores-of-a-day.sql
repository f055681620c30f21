-- How many there were on each day, how high, and their mean
WITH told AS (
  SELECT DISTINCT kind, id, session, score, day FROM telemetry WHERE project = 'PROJECT'
)
SELECT day, count(*) AS times, max(score) AS best, avg(score) AS mean
FROM told
WHERE kind = 'score'
GROUP BY day
ORDER BY day
