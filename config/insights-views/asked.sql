-- Every request of the last seven days, once
-- day varchar, id varchar, ms bigint, fn varchar, route varchar, status integer, duration double, result varchar, bytes bigint, caller varchar, error varchar, memory_kb integer, cpu_ms double
SELECT DISTINCT day, id, ms, fn, route, status, duration, result, bytes, caller, error,
  memory_kb, cpu_ms
FROM requests
WHERE day > cast(cast(current_date - interval '7' day AS date) AS varchar)
