-- Each function in the last seven days, with exact percentiles
-- fn varchar, total_requests bigint, avg_ms double, p50_ms double, p95_ms double, p99_ms double, min_ms double, max_ms double, error_count bigint, cache_hit_count bigint, cache_hit_ratio double, memory_usage_mb double, cpu_usage_percent double
SELECT fn, count(*) AS total_requests, avg(duration) AS avg_ms,
  min(duration) FILTER (WHERE place >= 0.50) AS p50_ms,
  min(duration) FILTER (WHERE place >= 0.95) AS p95_ms,
  min(duration) FILTER (WHERE place >= 0.99) AS p99_ms,
  min(duration) AS min_ms, max(duration) AS max_ms,
  count(*) FILTER (WHERE status >= 400) AS error_count,
  count(*) FILTER (WHERE result IN ('Hit', 'RefreshHit', 'OriginShieldHit')) AS cache_hit_count,
  round(1e2 * count(*) FILTER (WHERE result IN ('Hit', 'RefreshHit', 'OriginShieldHit'))
    / count(*), 2) AS cache_hit_ratio,
  avg(memory_kb) / 1024 AS memory_usage_mb,
  1e2 * sum(cpu_ms) / sum(duration) FILTER (WHERE memory_kb IS NOT NULL) AS cpu_usage_percent
FROM (
  SELECT fn, status, duration, result, memory_kb, cpu_ms,
    cume_dist() OVER (PARTITION BY fn ORDER BY duration) AS place
  FROM asked
) AS ranked
GROUP BY fn
