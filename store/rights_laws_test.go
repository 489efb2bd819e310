package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

// company is a random company with its records, cases and rights, as the database holds it and as process.StandingOf looks at it.
type company struct {
	people      map[string]process.Person
	departments map[string]process.Department
	principals  map[string][]string // of each person
	records     []kept
	cases       []kept
	rights      *process.Rights
}

// kept is a record, or a case on one: then with who takes part and the fields that its subject shows.
type kept struct {
	id, typ, owner, maker string
	record                int // of a case: its record's place
	process               string
	part                  []string
	shows                 []string
}

func (c company) Person(id string) (process.Person, bool) { p, ok := c.people[id]; return p, ok }
func (c company) Department(id string) (process.Department, bool) {
	d, ok := c.departments[id]
	return d, ok
}
func (c company) Members(process.Principal) []string    { return nil }
func (c company) Called(process.Principal) process.Text { return process.Text{} }

var (
	someTypes     = []string{"lead", "quote", "memo"}
	someProcesses = []string{"review", "check"}
	someFields    = []string{"company", "phone"}
	someSee       = []string{process.SeeMine, process.SeeMyCases, process.SeeDepartment, process.SeeBelow, process.SeeAll}
	someChange    = []string{process.SeeMine, process.SeeDepartment, process.SeeBelow, process.SeeAll}
)

func anyCompany(t *rapid.T) company {
	c := company{people: map[string]process.Person{}, departments: map[string]process.Department{}, principals: map[string][]string{}}
	user := func() string {
		return rapid.SampledFrom([]string{"u0", "u1", "u2", "u3", "u4", "u5", ""}).Draw(t, "user")
	}
	for i := range 4 {
		d := process.Department{ID: fmt.Sprint("d", i), Head: user()}
		if i > 0 && rapid.Bool().Draw(t, "below") {
			d.Parent = fmt.Sprint("d", rapid.IntRange(0, i-1).Draw(t, "parent"))
		}
		c.departments[d.ID] = d
	}
	department := func() string { return rapid.SampledFrom([]string{"d0", "d1", "d2", "d3", ""}).Draw(t, "department") }
	for i := range 6 {
		p := process.Person{ID: fmt.Sprint("u", i), Department: department(), Manager: user(), Active: true}
		c.people[p.ID] = p
		c.principals[p.ID] = []string{"user:" + p.ID}
		if p.Department != "" {
			c.principals[p.ID] = append(c.principals[p.ID], "department:"+p.Department)
		}
		for _, role := range []string{"role:a", "role:b"} {
			if rapid.Bool().Draw(t, "has") {
				c.principals[p.ID] = append(c.principals[p.ID], role)
			}
		}
	}
	principal := func() string {
		return rapid.SampledFrom([]string{"role:a", "role:b", "department:d1", "department:d2", "user:u1", "user:u2", "user:u3"}).Draw(t, "principal")
	}
	for i := range 6 {
		c.records = append(c.records, kept{id: fmt.Sprint("r", i), typ: rapid.SampledFrom(someTypes).Draw(t, "type"), owner: user(),
			maker: rapid.SampledFrom([]string{"u0", "u1", "u2"}).Draw(t, "maker")})
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "cases") {
		k := kept{id: fmt.Sprint("c", i), record: rapid.IntRange(0, 5).Draw(t, "on"), process: rapid.SampledFrom(someProcesses).Draw(t, "process"), maker: "u0",
			shows: rapid.SliceOfDistinct(rapid.SampledFrom(someFields), rapid.ID[string]).Draw(t, "shows")}
		for range rapid.IntRange(0, 2).Draw(t, "asked") {
			k.part = append(k.part, principal())
		}
		c.cases = append(c.cases, k)
	}
	c.rights = anyRights(t, principal)
	return c
}

func anyRights(t *rapid.T, principal func() string) *process.Rights {
	if rapid.IntRange(0, 9).Draw(t, "document") == 0 {
		return nil
	}
	words := func(all []string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 2, rapid.ID[string]).Draw(t, "words")
	}
	rights := &process.Rights{}
	for range rapid.IntRange(1, 4).Draw(t, "grants") {
		g := process.Grant{Who: process.Principal(principal()), Records: map[string]process.RecordRights{}, Processes: map[string]process.CaseRights{}}
		for _, typ := range someTypes[:2] {
			if rapid.Bool().Draw(t, "about") {
				r := process.RecordRights{See: words(someSee), Change: words(someChange), Mask: map[string]string{}}
				for _, field := range someFields {
					switch rapid.IntRange(0, 3).Draw(t, "cover") {
					case 0:
						r.Hide = append(r.Hide, field)
					case 1:
						r.Mask[field] = "1**"
					}
				}
				g.Records[typ] = r
			}
		}
		if rapid.Bool().Draw(t, "cases") {
			g.Processes["review"] = process.CaseRights{See: words(someSee)}
		}
		rights.Grants = append(rights.Grants, g)
	}
	return rights
}

// write puts the company in place of the one before.
func (c company) write(t *rapid.T, db *store.DB) {
	do := func(query string, args ...any) {
		_, err := db.Exec(t.Context(), query, args...)
		require.NoError(t, err)
	}
	do(`TRUNCATE users, departments, records, cases, case_people CASCADE`)
	for i := range 4 {
		d := c.departments[fmt.Sprint("d", i)]
		do(`INSERT INTO departments (id, name, head, parent) VALUES ($1, '{}', nullif($2, ''), nullif($3, ''))`, d.ID, d.Head, d.Parent)
	}
	for _, p := range c.people {
		do(`INSERT INTO users (id, name, department, manager) VALUES ($1, '{}', nullif($2, ''), nullif($3, ''))`, p.ID, p.Department, p.Manager)
	}
	now := time.Now()
	for i, r := range c.records {
		fields, err := json.Marshal(map[string]string{"company": fmt.Sprintf("company-%d", i), "phone": fmt.Sprintf("phone-%d", i)})
		require.NoError(t, err)
		do(`INSERT INTO records (id, type, version, owner, fields, search, created_by, created_at, changed_at) VALUES ($1, $2, 1, nullif($3, ''), $4::jsonb, $5, $6, $7, $7)`,
			r.id, r.typ, r.owner, string(fields), fmt.Sprintf("company-%d phone-%d", i, i), r.maker, now)
	}
	for _, k := range c.cases {
		r := c.records[k.record]
		do(`INSERT INTO cases (id, process, version, digest, number, subject, record_type, record_id, initiator, status, stage, seq, state, exclusive, started_at, subject_shows)
			VALUES ($1, $2, 1, 'd', $1, 'subject-' || $1, $3, $4, $5, 'running', '', 1, '{}', false, $6, $7)`, k.id, k.process, r.typ, r.id, k.maker, now, pq.Array(append([]string{}, k.shows...)))
		for _, p := range append([]string{"user:" + k.maker}, k.part...) {
			do(`INSERT INTO case_people VALUES ($1, $2) ON CONFLICT DO NOTHING`, p, k.id)
		}
	}
}

// takesPart says whether somebody is one of those who take part.
func (c company) takesPart(who string, k kept) bool {
	return k.maker == who || slices.ContainsFunc(k.part, func(p string) bool { return slices.Contains(c.principals[who], p) })
}

// sight is what the pure rule says of somebody and a record.
func (c company) sight(who string, i int) process.Sight {
	r := c.records[i]
	part := slices.ContainsFunc(c.cases, func(k kept) bool { return k.record == i && c.takesPart(who, k) })
	return c.rights.Of(c.principals[who]).Record(r.typ, process.StandingOf(c, who, r.owner, r.maker, part))
}

// seesCase is what it says of a case.
func (c company) seesCase(who string, k kept) bool {
	access := c.rights.Of(c.principals[who])
	if c.takesPart(who, k) {
		return true
	}
	if access.DecidesCases(k.process) {
		return access.SeesCase(k.process, process.StandingOf(c, who, c.records[k.record].owner, c.records[k.record].maker, c.anyPart(who, k.record)))
	}
	return c.sight(who, k.record).See
}

func (c company) anyPart(who string, record int) bool {
	return slices.ContainsFunc(c.cases, func(k kept) bool { return k.record == record && c.takesPart(who, k) })
}

// What the conditions of lists let through is what the pure rule says, of any person and any record, in any company with any rights: seen, found by a text,
// by a field, by the subject of its case.
func TestLawListsHoldWhatTheRuleSays(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	page := store.Page{Limit: 100}
	rapid.Check(t, func(t *rapid.T) {
		c := anyCompany(t)
		c.write(t, db)
		who := rapid.SampledFrom([]string{"u0", "u1", "u2", "u3", "u4", "u5"}).Draw(t, "who")
		principals := c.principals[who]
		v := store.Viewer{User: who, Principals: principals, Access: c.rights.Of(principals)}
		found := func(f store.RecordFilter) []string {
			rows, _, err := db.Records(t.Context(), v, f, page)
			require.NoError(t, err)
			var ids []string
			for _, r := range rows {
				ids = append(ids, r.ID)
			}
			return ids
		}
		var ids []string
		listed := map[string][]string{}
		for _, typ := range someTypes {
			listed[typ] = found(store.RecordFilter{Type: typ})
		}
		for i, r := range c.records {
			ids = append(ids, r.id)
			sight := c.sight(who, i)
			require.Equal(t, sight.See, slices.Contains(listed[r.typ], r.id), "%s and %+v", who, r)
			one, err := db.SeesRecord(t.Context(), v, r.typ, r.id)
			require.NoError(t, err)
			require.Equal(t, sight.See, one)
			for _, field := range someFields {
				value := fmt.Sprintf("%s-%d", field, i)
				plain := sight.See && sight.Plain(field)
				require.Equal(t, plain, slices.Contains(found(store.RecordFilter{Type: r.typ, Query: value}), r.id), "%s searches %s of %+v", who, field, r)
				require.Equal(t, plain, slices.Contains(found(store.RecordFilter{Type: r.typ, Fields: map[string]any{field: value}}), r.id), "%s filters %s of %+v", who, field, r)
			}
		}
		standings, err := db.Standings(t.Context(), v, ids)
		require.NoError(t, err)
		for i, r := range c.records {
			require.Equal(t, c.sight(who, i), v.Access.Record(r.typ, standings[r.id].Standing), "%s and %+v: %+v", who, r, standings[r.id])
		}
		for _, k := range c.cases {
			rows, _, err := db.Cases(t.Context(), v, store.CaseFilter{Query: k.id}, page)
			require.NoError(t, err)
			require.Equal(t, c.seesCase(who, k), len(rows) == 1, "%s and %+v", who, k)
			rows, _, err = db.Cases(t.Context(), v, store.CaseFilter{Query: "subject-" + k.id}, page)
			require.NoError(t, err)
			sight := c.sight(who, k.record)
			readable := sight.Plain(k.shows...) && (sight.See || len(k.shows) == 0) || !v.Access.Decides(c.records[k.record].typ)
			require.Equal(t, c.seesCase(who, k) && readable, len(rows) == 1, "%s searches %+v", who, k)
		}
	})
}
