-- How often each event came on each day, and in how many sessions
-- project varchar, day varchar, name varchar, times bigint, sessions bigint
SELECT project, day, name, count(*) AS times, count(DISTINCT session) AS sessions
FROM told
WHERE kind = 'event'
GROUP BY project, day, name
