
-- What becomes of a source's duty. A list (snapshot) counts by its moment, all else by the days that it tells of.
CREATE VIEW duty_runs AS SELECT r.* FROM duties AS d JOIN runs AS r USING (moment, source, dataset)
WHERE NOT d.of_period OR (r.covers_from = getvariable('since') AND r.covers_to = getvariable('as_of'));
CREATE VIEW last_days AS SELECT moment, source, dataset, max(greatest(
    CASE WHEN slot_on <= getvariable('as_of') THEN slot_on END,
    CASE WHEN snapshot_at < getvariable('until_at') THEN snapshot_on END,
    CASE WHEN coalesce(covers_from, covers_to) <= getvariable('as_of') THEN covers_to END)) AS last_on
FROM duty_runs WHERE outcome = 'collected' AND complete AND delivered GROUP BY ALL;
CREATE VIEW last_lists AS SELECT s.moment, s.source, s.dataset, max(s.snapshot_at) AS last_at
FROM snapshots AS s JOIN duty_runs AS r USING (moment, source, dataset, run_id)
WHERE s.complete AND s.snapshot_at < getvariable('until_at') AND r.outcome = 'collected' AND r.complete GROUP BY ALL;
CREATE VIEW broken AS SELECT moment, source, dataset FROM (
  SELECT * FROM duty_runs WHERE outcome = 'collected' QUALIFY row_number() OVER (
    PARTITION BY moment, source, dataset ORDER BY slot_on DESC, recorded_at DESC) = 1)
WHERE NOT complete AND coalesce(covers_from <= getvariable('as_of'), true)
  AND coalesce(covers_to >= getvariable('since'), true);
CREATE VIEW lists_something AS SELECT moment, source, dataset FROM (
  SELECT * FROM runs WHERE complete AND snapshot_at < getvariable('until_at') QUALIFY row_number() OVER (
    PARTITION BY moment, source, dataset ORDER BY snapshot_at DESC, slot_on DESC, recorded_at DESC) = 1)
WHERE "rows" > 0;
CREATE TABLE doubts AS
SELECT asked.moment, asked.dataset,
  asked.dataset <> 'source_runs' AND ((k.kind <> 'register' AND count(d.source) = 0) OR coalesce(bool_or(
    d.source IS NOT NULL AND CASE WHEN k.kind = 'snapshot'
      THEN coalesce(epoch(getvariable('until_at')) - epoch(l.last_at) > d.max_age_days * 86400, true)
      ELSE coalesce(date_diff('day', w.last_on, getvariable('as_of')) >= d.max_age_days, true) OR b.source IS NOT NULL
    END), false)) AS doubted,
  k.kind = 'snapshot' AND count(s.source) = 0 AS nothing_listed,
  k.kind = 'register' AND count(r.register) = 0 AS unwritten
FROM (SELECT DISTINCT moment, dataset FROM reads) AS asked
JOIN kinds AS k USING (dataset)
LEFT JOIN duties AS d ON d.moment = asked.moment AND d.dataset = asked.dataset
LEFT JOIN last_days AS w ON w.moment = d.moment AND w.source = d.source AND w.dataset = d.dataset
LEFT JOIN last_lists AS l ON l.moment = d.moment AND l.source = d.source AND l.dataset = d.dataset
LEFT JOIN broken AS b ON b.moment = d.moment AND b.source = d.source AND b.dataset = d.dataset
LEFT JOIN lists_something AS s ON s.moment = d.moment AND s.source = d.source AND s.dataset = d.dataset
LEFT JOIN written AS r ON r.moment = asked.moment AND r.register = asked.dataset
GROUP BY asked.moment, asked.dataset, k.kind;

-- What nobody can read any more, and is read: of events the days do, of lists the newest on the first day and all after.
CREATE TABLE unreadable AS SELECT DISTINCT c.control FROM controls AS c JOIN reads AS a USING (control)
JOIN lost AS l ON l.moment = a.moment AND l.dataset = a.dataset
JOIN runs AS r ON r.moment = l.moment AND r.source = l.source AND r.dataset = l.dataset AND r.run_id = l.run_id
WHERE CASE WHEN l.snapshot_at IS NULL
  THEN coalesce(r.covers_from <= getvariable('as_of'), true) AND coalesce(r.covers_to >= c.first_day, true)
  ELSE l.snapshot_at < getvariable('until_at') AND NOT EXISTS (SELECT 1 FROM snapshots AS s
    WHERE s.moment = l.moment AND s.source = l.source AND s.dataset = l.dataset AND s.complete
      AND s.snapshot_at > l.snapshot_at AND s.snapshot_at <= c.first_at) END;

-- What people decided: controls that do not apply, zeros that somebody attested, deviations that are accepted.
CREATE TABLE decided AS SELECT c.control,
  NOT c.in_force OR EXISTS (SELECT 1 FROM exclusions AS e WHERE e.moment = c.moment AND e.control_id = c.control
    AND e.company = getvariable('company') AND getvariable('as_of') BETWEEN e.approved_on AND e.review_on) AS excluded,
  EXISTS (SELECT 1 FROM attestations AS a WHERE a.moment = c.moment AND a.control_id = c.control
    AND a.company = getvariable('company') AND a.answer = 'nil' AND a.subject_kind = 'company'
    AND a.answered_at < getvariable('until_at') AND a.expires_on >= getvariable('as_of')) AS nil
FROM controls AS c;
CREATE TABLE deviations AS SELECT m.*, EXISTS (SELECT 1 FROM waivers AS w WHERE w.moment = c.moment
    AND w.control_id = m.control AND w.company = getvariable('company')
    AND coalesce(m.occurred_on, getvariable('as_of')) BETWEEN w.approved_on AND w.expires_on
    AND (w.department IS NULL OR w.department = m.department)
    AND (w.subject IS NULL OR w.subject = m.subject) AND (w.aspect IS NULL OR w.aspect = m.aspect)) AS waived
FROM members AS m JOIN controls AS c USING (control) WHERE NOT m.conforms;

-- A test whose answer is not sound proves nothing: a mark that is missing, a member told twice, an unknown aspect.
CREATE TABLE faults AS SELECT DISTINCT control FROM (
  SELECT m.control FROM members AS m JOIN controls AS c USING (control)
  WHERE m.subject IS NULL OR m.conforms IS NULL OR m.members IS NULL OR m.members < 1
    OR (NOT m.conforms AND m.members <> 1)
    OR (c.aspects IS NOT NULL AND NOT coalesce(list_contains(c.aspects, m.aspect), false))
    OR (m.occurred_on IS NULL AND list_contains(c.events, CASE WHEN c.aspects IS NULL THEN '' ELSE m.aspect END))
  UNION ALL
  SELECT control FROM members GROUP BY control, subject, aspect, occurred_on HAVING count(*) > 1
  UNION ALL
  SELECT control FROM controls WHERE NOT runs);

CREATE TABLE verdicts AS
SELECT c.control, p.size, x.deviating,
  CASE WHEN d.excluded THEN 'not_applicable'
    WHEN c.control IN (FROM faults) OR c.control IN (FROM unreadable) OR q.doubted OR (q.nothing_listed AND NOT d.nil) THEN 'unverified'
    WHEN NOT d.nil AND (p.size IS NULL OR (q.unwritten AND x.deviating IS NULL)) THEN 'unverified'
    WHEN x.deviating IS NULL THEN 'pass'
    WHEN x.waived = x.deviating THEN 'partial'
    WHEN NOT c.critical AND x.deviating * 100 <= p.size * getvariable('tolerance') THEN 'partial'
    ELSE 'fail' END AS verdict
FROM controls AS c JOIN decided AS d USING (control)
JOIN (SELECT r.control, bool_or(o.doubted) AS doubted, bool_or(o.nothing_listed) AS nothing_listed,
        bool_or(o.unwritten) AS unwritten
      FROM reads AS r JOIN doubts AS o USING (moment, dataset) GROUP BY r.control) AS q USING (control)
LEFT JOIN (SELECT control, sum(members)::BIGINT AS size FROM members GROUP BY control) AS p USING (control)
LEFT JOIN (SELECT control, count(*) AS deviating, count(*) FILTER (WHERE waived) AS waived
           FROM deviations GROUP BY control) AS x USING (control);
CREATE TABLE unjudged AS SELECT control FROM verdicts WHERE verdict IN ('unverified', 'not_applicable');
DELETE FROM members WHERE control IN (FROM unjudged);
DELETE FROM deviations WHERE control IN (FROM unjudged);
UPDATE verdicts SET size = NULL, deviating = NULL WHERE control IN (FROM unjudged);

-- What the pack shows. An apostrophe keeps a text from being a formula: one is taken away.
CREATE VIEW texts AS SELECT parse_filename(filename, true) AS control, content::JSON AS told
FROM read_text('data/03_results/*.json');
CREATE TABLE shown AS SELECT control, told->>'$.verdict' AS verdict, (told->>'$.population')::BIGINT AS size FROM texts;
CREATE TABLE shown_deviations AS SELECT control, one->>'$.subject' AS subject, one->>'$.aspect' AS aspect,
  one->>'$.occurred_on' AS occurred_on, one->>'$.waiver' IS NOT NULL AS waived
FROM (SELECT control, unnest(json_extract(told, '$.deviations[*]')) AS one FROM texts);
CREATE TABLE shown_members AS SELECT parse_filename(filename, true) AS control,
  regexp_replace(subject, '^''', '') AS subject, regexp_replace(aspect, '^''', '') AS aspect, occurred_on,
  regexp_replace(department, '^''', '') AS department, conforms, members
FROM read_csv('data/04_populations/*.csv', filename = true, auto_detect = false, delim = ',', quote = '"',
  escape = '"', new_line = '\r\n', header = true, columns = {'subject': 'VARCHAR', 'aspect': 'VARCHAR',
  'occurred_on': 'VARCHAR', 'department': 'VARCHAR', 'conforms': 'VARCHAR', 'members': 'VARCHAR'});

-- What differs, on either side.
CREATE TABLE compared AS
  SELECT 'member' AS kind, true AS ours, control, concat_ws(' ', subject, aspect, occurred_on) AS who,
    [subject, aspect, occurred_on::VARCHAR, department, conforms::VARCHAR, members::VARCHAR] AS told FROM members
  UNION ALL
  SELECT 'member', false, control, concat_ws(' ', subject, aspect, occurred_on),
    [subject, aspect, occurred_on, department, conforms, members] FROM shown_members
  UNION ALL
  SELECT 'deviation', true, control, concat_ws(' ', subject, aspect, occurred_on),
    [subject, aspect, occurred_on::VARCHAR, waived::VARCHAR] FROM deviations
  UNION ALL
  SELECT 'deviation', false, control, concat_ws(' ', subject, aspect, occurred_on),
    [subject, aspect, occurred_on, waived::VARCHAR] FROM shown_deviations;
CREATE TABLE odd AS
  SELECT control, '' AS who, 'judged again ' || coalesce(v.verdict, 'nothing') || ', shown ' || coalesce(s.verdict, 'nothing') AS what
  FROM verdicts AS v FULL JOIN shown AS s USING (control) WHERE v.verdict IS DISTINCT FROM s.verdict
  UNION ALL
  SELECT control, '', 'judged again ' || coalesce(v.size, 0) || ' members, shown ' || coalesce(s.size, 0)
  FROM verdicts AS v FULL JOIN shown AS s USING (control) WHERE coalesce(v.size, 0) <> coalesce(s.size, 0)
  UNION ALL
  SELECT control, who, who || CASE WHEN any_value(ours) THEN ': not shown as this ' ELSE ': no such ' END || kind
  FROM compared GROUP BY kind, control, who, told HAVING count(*) FILTER (WHERE ours) <> count(*) FILTER (WHERE NOT ours);
SELECT control, CASE WHEN count(o.what) = 0 THEN '○' ELSE '×' END AS again,
  coalesce(array_to_string(list(o.what ORDER BY o.who, o.what) FILTER (WHERE o.what IS NOT NULL)[:10], '; '), '') AS differs
FROM (SELECT control FROM controls UNION SELECT control FROM shown) AS c LEFT JOIN odd AS o USING (control)
GROUP BY control ORDER BY control;
