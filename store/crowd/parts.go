package crowd

// parts are what there is, in the order in which it is made.
var parts = []struct{ what, sql string }{
	{"departments", `INSERT INTO departments (id, name) SELECT 'd' || i, '{"zh": "部门", "en": "Department"}' FROM generate_series(0, {departments} - 1) i`},
	{"roles", `INSERT INTO roles (id, name) SELECT 'r' || i, '{"zh": "角色", "en": "Role"}' FROM generate_series(0, {roles} - 1) i`},
	{"groups", `INSERT INTO groups (id, name) SELECT 'g' || i, '{"zh": "小组", "en": "Group"}' FROM generate_series(0, {groups} - 1) i`},
	{"people", `INSERT INTO users (id, name, department) SELECT 'u' || lpad(i::text, 5, '0'), jsonb_build_object('zh', ` + name + `, 'en', 'Person ' || i),
		'd' || i % {departments} FROM generate_series(1, {people}) i`},
	{"members", `WITH r AS (INSERT INTO user_roles (user_id, role) SELECT id, 'r' || substr(id, 2)::int % {roles} FROM users)
		INSERT INTO group_members (user_id, group_id) SELECT id, 'g' || substr(id, 2)::int % {groups} FROM users
		UNION SELECT '{many}', 'g' || i FROM generate_series(0, {manyGroups} - 1) i`},
	{"records", `INSERT INTO records (id, type, number, version, owner, fields, search, created_by, created_at, changed_at)
		SELECT ` + recordID + `, p.type, 'X' || i, 1, ` + initiator + `, jsonb_build_object('company', company, 'contact', contact, 'phone', phone),
			'X' || i || ' ' || contact || ' ' || phone || ' ' || company, ` + initiator + `, {now} - interval '40 days', {now} - interval '40 days'
		FROM generate_series(0, {open} - 1) i JOIN {process} CROSS JOIN LATERAL (SELECT ` + company + ` AS company,
			CASE WHEN i % 20 = 7 THEN '{common}' WHEN i IN ({open} / 3 / 20 * 20, {open} / 2 / 20 * 20) THEN '{twice}' ELSE ` + name + ` END AS contact,
			'13' || lpad((i::bigint * 7919 % 1000000000)::text, 9, '0') AS phone) x`},
	{"cases", `INSERT INTO cases (id, process, version, digest, number, subject, record_type, record_id, initiator, status, stage, seq, state, exclusive, started_at)
		SELECT ` + caseID + `, p.process, p.version, p.digest, 'KH' || lpad(i::text, 8, '0'), ` + company + `, p.type, ` + recordID + `, ` + initiator + `, 'running', 'look', 3,
			json_build_object('format', 1, 'case', ` + caseID + `, 'status', 'running', 'initiator', ` + initiator + `, 'started_at', {now}, 'last_at', {now}, 'tasks', 1, 'next_scope', 1),
			false, {now} - interval '30 days' + i * interval '1 second' / 10
		FROM generate_series(0, {open} - 1) i JOIN {process}`},
	{"open tasks", `INSERT INTO tasks (id, case_id, step, round, kind, title, status, assignee, candidates, excluded, claim, why, opened_at, due_at, process)
		SELECT 'open' || lpad(i::text, 20, '0'), ` + caseID + `, 'look', 1, 'approve', '{"zh": "审核信息", "en": "Look at it"}', 'open',
			CASE WHEN i % 50 = 3 THEN '{busy}' WHEN i % 20 < 11 THEN ` + person + ` END,
			CASE WHEN i % 50 = 3 OR i % 20 < 11 THEN '{}' WHEN i % 20 < 13 THEN ARRAY['role:r' || i / 20 % {roles}] WHEN i % 20 < 15 THEN ARRAY['department:d' || i / 20 % {departments}]
				WHEN i % 20 < 18 THEN ARRAY['group:g' || i / 20 % {groups}] ELSE ARRAY['group:g' || i / 20 % {groups}, 'group:g' || (i / 20 + 7) % {groups}] END,
			CASE WHEN i % 2 = 0 THEN '{}' ELSE ARRAY[` + initiator + `] END, i % 20 IN (12, 16, 17), '{"zh": "因为", "en": "because"}', {now} - (i::bigint * 11 % 43200) * interval '1 minute',
			CASE WHEN i % 10 <> 4 THEN {now} + (i::bigint * 13 % 57600 - 14400) * interval '1 minute' END, p.process
		FROM generate_series(0, {open} - 1) i JOIN {process}`},
	{"copies", `INSERT INTO tasks (id, case_id, step, round, kind, title, status, assignee, why, opened_at, outcome, decided_by, decided_at, process)
		SELECT 'copy' || lpad(i::text, 20, '0'), ` + caseID + `, '', 1, 'copy', '{"zh": "审核", "en": "Review"}', CASE WHEN i % 20 = 0 THEN 'open' ELSE 'closed' END, a.id,
			'{"zh": "抄送给您", "en": "for your information"}', {now} - (i::bigint * 13 % 57600) * interval '1 minute',
			CASE WHEN i % 20 <> 0 THEN 'read' END, CASE WHEN i % 20 <> 0 THEN a.id END, CASE WHEN i % 20 <> 0 THEN {now} END, p.process
		FROM generate_series(0, {open} - 1, 10) i JOIN {process} CROSS JOIN LATERAL (SELECT CASE WHEN i % 50 = 30 THEN '{busy}' ELSE ` + person + ` END AS id) a`},
	{"finished tasks", `INSERT INTO tasks (id, case_id, step, round, kind, title, status, assignee, why, opened_at, due_at, outcome, decided_by, decided_at, process)
		SELECT 'done' || lpad(j::text, 20, '0'), ` + caseID + `, 'look', 1, 'approve', '{"zh": "审核信息", "en": "Look at it"}', 'closed', who, '{"zh": "因为", "en": "because"}',
			at - interval '3 days', at + (j::bigint * 7 % 4000 - 400) * interval '1 minute', 'approved', who, at, p.process
		FROM generate_series(0, {done} - 1) j CROSS JOIN LATERAL (SELECT (j % {open})::int AS i, CASE WHEN j % 50 = 3 THEN '{busy}' ELSE 'u' || lpad((1 + j::bigint * 17 % {people})::text, 5, '0') END AS who,
			{now} - (j::bigint * 29 % 1000000) * interval '1 minute' AS at) x JOIN {process}`},
	{"who takes part", `INSERT INTO case_people (principal, case_id)
		SELECT 'user:' || initiator, id FROM cases UNION SELECT 'user:' || assignee, case_id FROM tasks WHERE assignee IS NOT NULL
		UNION SELECT 'user:' || decided_by, case_id FROM tasks WHERE decided_by IS NOT NULL UNION SELECT unnest(candidates), case_id FROM tasks WHERE status = 'open'`},
	{"boxes", `INSERT INTO inbox SELECT * FROM inbox_source`},
}

// Values of the i-th case.
const (
	recordID  = `'rec' || lpad(i::text, 17, '0')`
	caseID    = `'case' || lpad(i::text, 20, '0')`
	person    = `'u' || lpad((1 + i::bigint * 17 % {people})::text, 5, '0')`
	initiator = `'u' || lpad((1 + i::bigint * 31 % {people})::text, 5, '0')`
	name      = `substr('王李刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程', 1 + i % 30, 1) || substr('芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚英', 1 + i / 30 % 20, 1)`
	company   = `(ARRAY['上海','常州','苏州','宁波','杭州','无锡','南京','合肥','成都','西安'])[1 + i % 10] || (ARRAY['天汇','海川','远大','金鼎','华信','新源','恒达','瑞丰','中科','博雅','永兴','长江'])[1 + i / 10 % 12]
		|| (ARRAY['泵业','机械','仪器','化工','电子','制药','材料','食品'])[1 + i / 120 % 8] || '有限公司'`
)
