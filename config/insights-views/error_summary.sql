-- Each error code of each function in the last seven days
-- error_code varchar, fn varchar, error_count bigint, first_occurrence_ms bigint, last_occurrence_ms bigint, most_common_status integer
SELECT error AS error_code, fn, CAST(sum(n) AS bigint) AS error_count,
  min(first_ms) AS first_occurrence_ms, max(last_ms) AS last_occurrence_ms,
  max_by(status, n) AS most_common_status
FROM (
  SELECT error, fn, status, count(*) AS n, min(ms) AS first_ms, max(ms) AS last_ms
  FROM asked
  WHERE error IS NOT NULL
  GROUP BY error, fn, status
) AS counted
GROUP BY error, fn
