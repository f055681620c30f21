-- Percentiles of each function and day, at most 1 % away from the exact value
-- day varchar, fn varchar, p50 double, p90 double, p95 double, p99 double
SELECT day, fn,
  power(1.02, min(bucket) FILTER (WHERE upto > 0.50 * (total - 1))) / 1.01 AS p50,
  power(1.02, min(bucket) FILTER (WHERE upto > 0.90 * (total - 1))) / 1.01 AS p90,
  power(1.02, min(bucket) FILTER (WHERE upto > 0.95 * (total - 1))) / 1.01 AS p95,
  power(1.02, min(bucket) FILTER (WHERE upto > 0.99 * (total - 1))) / 1.01 AS p99
FROM spread
GROUP BY day, fn
