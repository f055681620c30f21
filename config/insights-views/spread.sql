-- Durations in buckets of 2 %, as the hourly aggregates count them
-- day varchar, fn varchar, bucket integer, upto bigint, total bigint
SELECT day, fn, bucket, sum(n) OVER (PARTITION BY day, fn ORDER BY bucket) AS upto,
  sum(n) OVER (PARTITION BY day, fn) AS total
FROM (
  SELECT day, fn, CAST(ceil(ln(greatest(duration, 0.05)) / ln(1.02)) AS integer) AS bucket,
    count(*) AS n
  FROM asked
  GROUP BY 1, 2, 3
) AS buckets
