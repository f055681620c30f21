-- How many scores there were on each day, how high, and their mean
-- project varchar, day varchar, times bigint, best bigint, mean double
SELECT project, day, count(*) AS times, max(score) AS best, avg(score) AS mean
FROM told
WHERE kind = 'score'
GROUP BY project, day
