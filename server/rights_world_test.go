package server

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// The people of testdata/rights: who they are, in which department, under whom.
//
//	company ── dora, olga (auditor)
//	├── sales ── mia (sells and manages), max (manages), sam (sells), lou (manages and assists), dee (desk)
//	│   └── east ── anna and ben (sell), kim (assists), kay, moe (member)
//	│       └── north ── nat (sells)
//	├── quality ── quin, quentin
//	│   └── lab ── lee
//	└── other ── pia, fay (finance), adam (administrator), ivan (integrator), sid (service)
var rightsPeople = []store.User{
	{ID: "dora", Department: "company"},
	{ID: "olga", Department: "company", Position: "auditor"},
	{ID: "mia", Department: "sales", Manager: "dora", Roles: []string{"sales", "sales-manager"}},
	{ID: "max", Department: "sales", Roles: []string{"sales-manager"}},
	{ID: "sam", Department: "sales", Roles: []string{"sales"}},
	{ID: "lou", Department: "sales", Roles: []string{"sales-manager", "assistant"}},
	{ID: "dee", Department: "sales"},
	{ID: "anna", Department: "east", Manager: "mia", Roles: []string{"sales"}},
	{ID: "ben", Department: "east", Manager: "mia", Roles: []string{"sales"}},
	{ID: "kim", Department: "east", Roles: []string{"assistant"}},
	{ID: "kay", Department: "east"},
	{ID: "moe", Department: "east", Roles: []string{"member"}},
	{ID: "nat", Department: "north", Roles: []string{"sales"}},
	{ID: "quin", Department: "quality"},
	{ID: "quentin", Department: "quality"},
	{ID: "lee", Department: "lab"},
	{ID: "pia", Department: "other"},
	{ID: "fay", Department: "other", Roles: []string{"finance"}},
	{ID: "adam", Department: "other", Roles: []string{"administrator"}},
	{ID: "ivan", Department: "other", Roles: []string{"integrator"}},
	{ID: "sid", Department: "other", Roles: []string{"service"}},
}

// rightsWorld is the small world that testdata/rights/rights.csv speaks of.
type rightsWorld struct {
	*bundle
	records map[string]map[string]any // by what they are called: "anna's lead"
	cases   map[string]map[string]any // on these
	rows    []cell
	signed  map[string]person
}

// cell is one line of the table.
type cell struct {
	line                    int
	who, does, to, expected string
}

func (c cell) String() string {
	return fmt.Sprintf("rights.csv:%d: %s %s %s", c.line, c.who, c.does, c.to)
}

func newRightsWorld(t *testing.T) *rightsWorld {
	t.Helper()
	w := &rightsWorld{bundle: emptyBundle(t), records: map[string]map[string]any{}, cases: map[string]map[string]any{}, rows: readCells(t), signed: map[string]person{}}
	w.people()
	w.publishRights(readRightsWorld(t))
	w.things()
	return w
}

// as signs somebody in, once.
func (w *rightsWorld) as(user string) person {
	w.Helper()
	if _, known := w.signed[user]; !known {
		w.signed[user] = w.bundle.as(user)
	}
	return w.signed[user]
}

func readRightsWorld(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../testdata/rights/world.yaml")
	require.NoError(t, err)
	return string(content)
}

func readCells(t *testing.T) []cell {
	t.Helper()
	f, err := os.Open("../testdata/rights/rights.csv")
	require.NoError(t, err)
	defer f.Close()
	r := csv.NewReader(f)
	r.TrimLeadingSpace, r.Comment = true, '#'
	head, err := r.Read()
	require.NoError(t, err)
	require.Equal(t, []string{"who", "does", "what", "expected", "why"}, head)
	var cells []cell
	for {
		row, err := r.Read()
		if err != nil {
			break
		}
		line, _ := r.FieldPos(0)
		cells = append(cells, cell{line, row[0], row[1], row[2], row[3]})
	}
	require.Greater(t, len(cells), 100)
	return cells
}

func (w *rightsWorld) people() {
	w.Helper()
	named := func(id string) store.JSON[process.Text] { return store.Of(process.Same(id)) }
	require.NoError(w, w.db.Tx(w.Context(), func(tx *store.Tx) error {
		for _, d := range [][2]string{{"company", ""}, {"sales", "company"}, {"east", "sales"}, {"north", "east"}, {"quality", "company"}, {"lab", "quality"}, {"other", "company"}} {
			if err := tx.AddDepartment(w.Context(), store.Department{ID: d[0], Name: named(d[0]), Parent: d[1]}); err != nil {
				return err
			}
		}
		roles := map[string]bool{}
		for _, u := range rightsPeople {
			for _, role := range u.Roles {
				if !roles[role] {
					roles[role] = true
					if err := tx.AddCircle(w.Context(), store.Roles, store.Circle{ID: role, Name: named(role)}); err != nil {
						return err
					}
				}
			}
		}
		for _, u := range rightsPeople {
			u.Name, u.Title, u.Language, u.Active, u.Password = named(u.ID), named(""), "en", true, cheap
			if err := tx.AddUser(w.Context(), u); err != nil {
				return err
			}
		}
		return tx.AddCircle(w.Context(), store.Groups, store.Circle{ID: "desk", Name: named("desk"), Members: []string{"dee"}})
	}))
}

// publishRights publishes files beside the calendar that every limit needs.
func (w *rightsWorld) publishRights(content string) {
	w.Helper()
	files := []process.File{{Path: "world.yaml", Content: content}, {Path: "calendar.yaml", Content: "calendar: office\nzone: Asia/Shanghai\nweek: {mon-fri: [\"09:00-18:00\"]}\n"}}
	_, found, err := w.s.engine.Publish(w.Context(), engine.Request{Caller: "adam", Admin: true}, files)
	require.NoError(w, err)
	require.False(w, process.Failed(found), "%v", found)
}

// phones are those of the leads: each owner's own.
func phoneOf(owner string) string {
	return fmt.Sprintf("139%04d%04d", 1000+slices.IndexFunc(rightsPeople, func(u store.User) bool { return u.ID == owner }), 7000+len(owner))
}

// things makes the records and cases. An administrator makes what isn't somebody's own doing.
func (w *rightsWorld) things() {
	w.Helper()
	adam := w.as("adam")
	for _, owner := range []string{"anna", "ben", "mia", "max", "sam", "nat", "pia", "dora", "olga"} {
		w.make(adam, owner, "lead", map[string]any{"company": "Company of " + owner, "phone": phoneOf(owner), "budget": map[string]any{"amount": 500000, "currency": "CNY"},
			"secret": "a secret", "need": "pumps"})
	}
	for _, owner := range []string{"anna", "ben", "sam", "nat", "pia", "quin", "quentin", "lee", "kay"} {
		w.make(adam, owner, "ticket", map[string]any{"product": "P of " + owner, "cause": "worn", "answer": "replaced"})
	}
	w.make(adam, "sid", "ticket", map[string]any{"product": "P of sid", "cause": "worn", "answer": "replaced"})
	w.make(adam, "anna", "memo", map[string]any{"topic": "Memo of anna"})
	w.make(adam, "pia", "memo", map[string]any{"topic": "Memo of pia"})
	w.make(w.as("anna"), "pia", "memo", map[string]any{"topic": "Made by anna"})
	w.records["a memo that anna made for pia"] = w.records["pia's memo"]
	w.make(adam, "sam", "memo", map[string]any{"topic": "Memo of sam"})
	w.make(adam, "pia", "memo", map[string]any{"topic": "Memo of pia"})
	for _, starter := range []string{"anna", "sam"} {
		w.start(starter, "review", starter+"'s lead")
	}
	w.approve("fay", "sam's lead")
	w.approve("dora", "sam's lead")
	w.start("sam", "reading", "sam's memo")
	w.start("anna", "handling", "anna's ticket")
	for _, owner := range []string{"nat", "lee", "kay"} {
		w.startFor("sid", "handling", owner+"'s ticket")
	}
	w.startFor("sid", "handling", "sid's ticket")
	w.closeRegister("sid's ticket")
	w.startFor("sid", "handling", "sam's ticket")
	w.startFor("ben", "review", "pia's lead")
	w.closeRegister("sam's ticket")
	w.inspect("sam's ticket")
}

func (w *rightsWorld) make(p person, owner, typ string, fields map[string]any) {
	w.Helper()
	fields["owner"] = owner
	w.records[owner+"'s "+typ] = p.post("/records/"+typ, map[string]any{"fields": fields}).ok()
}

func (w *rightsWorld) start(who, process, on string) {
	w.Helper()
	r := w.records[on]
	w.cases[on] = w.as(who).post("/cases", map[string]any{"process": process, "record": map[string]any{"type": r["type"], "id": r["id"]}}).ok()
}

// startFor starts a case on a record that whoever starts it doesn't see: the engine asks only who may start it.
func (w *rightsWorld) startFor(who, process, on string) {
	w.Helper()
	r := w.records[on]
	answer, err := w.s.engine.Start(w.Context(), engine.Request{Caller: who}, engine.StartCommand{Process: process, Record: pointTo(r)})
	require.NoError(w, err)
	w.cases[on] = w.as("adam").get("/cases/" + answer.Case.ID).ok()
}

func pointTo(r map[string]any) *process.Reference {
	return &process.Reference{Type: r["type"].(string), ID: r["id"].(string)}
}

func (w *rightsWorld) closeRegister(on string) {
	w.Helper()
	w.cases[on] = w.as("sid").post("/tasks/"+openTask(w.cases[on])+"/complete", nil).ok()["case"].(map[string]any)
}

func (w *rightsWorld) approve(who, on string) {
	w.Helper()
	w.cases[on] = w.as(who).post("/tasks/"+openTask(w.cases[on])+"/approve", nil).ok()["case"].(map[string]any)
}

func (w *rightsWorld) inspect(on string) {
	w.Helper()
	task := "/tasks/" + openTask(w.cases[on])
	w.as("quin").post(task+"/claim", nil).ok()
	w.cases[on] = w.as("quin").post(task+"/complete", map[string]any{"fields": map[string]any{"cause": "cracked"}}).ok()["case"].(map[string]any)
}
