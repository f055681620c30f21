-- Each session: the day it began, seconds to the last that was heard of it, and how much was
-- project varchar, session varchar, day varchar, began_ms bigint, seconds bigint, heard bigint
SELECT project, session, min(day) AS day, min(ms) AS began_ms,
  CAST(floor((max(ms) - min(ms)) / 1000.0) AS bigint) AS seconds, count(*) AS heard
FROM told
GROUP BY project, session
