-- Each function on each of the last seven days
-- day varchar, fn varchar, total_requests bigint, successful_requests bigint, error_requests bigint, cached_requests bigint, avg_ms double, p50_ms double, p90_ms double, p95_ms double, p99_ms double, unique_callers bigint
SELECT t.day, t.fn, count(*) AS total_requests,
  count(*) FILTER (WHERE t.status BETWEEN 200 AND 299) AS successful_requests,
  count(*) FILTER (WHERE t.status >= 400) AS error_requests,
  count(*) FILTER (WHERE t.result IN ('Hit', 'RefreshHit', 'OriginShieldHit')) AS cached_requests,
  avg(t.duration) AS avg_ms, max(p.p50) AS p50_ms, max(p.p90) AS p90_ms, max(p.p95) AS p95_ms,
  max(p.p99) AS p99_ms, count(DISTINCT t.caller) AS unique_callers
FROM asked AS t
JOIN percentiles AS p ON p.day = t.day AND p.fn = t.fn
GROUP BY t.day, t.fn
