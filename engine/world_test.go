package engine

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

// The package's tests share one database: each works on records and cases of its own. A test that changes what is published makes its own.
var shared *store.DB

func TestMain(m *testing.M) {
	server := os.Getenv(storetest.Env)
	if server == "" {
		os.Exit(m.Run())
	}
	db, drop, err := storetest.Make(server)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	shared = db
	code := 1
	if err := found(db); err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	drop()
	os.Exit(code)
}

// found sets up the company: li.na and chen.bo sell under wang.fang, who is under the sales director sun.wei.
func found(db *store.DB) error {
	ctx := context.Background()
	for _, q := range []string{
		`INSERT INTO departments (id, name, head, parent) VALUES
			('top', '{"zh":"公司","en":"Company"}', 'zhou.min', NULL), ('sales', '{"zh":"销售部","en":"Sales"}', 'sun.wei', 'top'),
			('quality', '{"zh":"质量部","en":"Quality"}', 'zhao.qiang', 'top')`,
		`INSERT INTO users (id, name, department, manager, position) VALUES
			('zhou.min', '{"zh":"周敏","en":"Zhou Min"}', 'top', NULL, NULL), ('sun.wei', '{"zh":"孙伟","en":"Sun Wei"}', 'sales', 'zhou.min', NULL),
			('wang.fang', '{"zh":"王芳","en":"Wang Fang"}', 'sales', 'sun.wei', NULL), ('li.na', '{"zh":"李娜","en":"Li Na"}', 'sales', 'wang.fang', 'seller'),
			('chen.bo', '{"zh":"陈波","en":"Chen Bo"}', 'sales', NULL, 'seller'), ('zhao.qiang', '{"zh":"赵强","en":"Zhao Qiang"}', 'quality', NULL, NULL),
			('xu.lei', '{"zh":"许磊","en":"Xu Lei"}', 'quality', NULL, NULL), ('admin', '{"zh":"管理员","en":"Admin"}', 'top', NULL, NULL)`,
		`INSERT INTO roles (id, name) VALUES ('sales', '{}'), ('administrator', '{}'), ('sales-director', '{}')`,
		`INSERT INTO user_roles (role, user_id) VALUES ('sales', 'li.na'), ('sales', 'chen.bo'), ('administrator', 'admin'), ('sales-director', 'sun.wei')`,
		`INSERT INTO clock (anchor_real, anchor_business, scale) VALUES (now(), '2026-11-23 09:00+08', 1)`,
	} {
		if _, err := db.Exec(ctx, q); err != nil {
			return err
		}
	}
	_, problems, err := New(db, Options{}).Publish(ctx, Request{Caller: "admin"}, documents)
	if err != nil {
		return err
	}
	for _, p := range problems {
		if !p.Warning {
			return fmt.Errorf("%s", p.String("en"))
		}
	}
	return nil
}

var documents = []process.File{{Path: "calendar.yaml", Content: `calendar: cn-office
zone: Asia/Shanghai
week: {mon-fri: ["09:00-12:00", "13:00-18:00"]}
`}, {Path: "lead.yaml", Content: `record: lead
title: {zh: 潜在客户, en: Lead}
number: "L{yyyyMM}-{0000}"
fields:
  company: {type: text, required: true}
  phone: {type: phone, required: true}
  need: {type: text, long: true}
  status: {type: choice, of: [open, customer], default: open}
  credit: {type: money}
  owner: {type: person, default: creator}
unique: [phone]
changed_only_by: {status.customer: [review], credit: [review]}
`}, {Path: "customer.yaml", Content: `record: customer
title: {zh: 客户, en: Customer}
number: "K{0000}"
fields:
  company: {type: text, required: true}
  phone: {type: phone}
  lead: {type: reference, to: lead}
  owner: {type: person}
unique: [company]
`}, {Path: "review.yaml", Content: `process: review
title: {zh: 审核, en: Review}
record: lead
number: "KH{yyyyMM}{0000}"
subject: "{record.company}"
summary: [phone, need]
start: {by: [role:sales]}
one_open_per_record: true
late: [{at: due, tell: [holder]}, {after: 1 working day, hand_up: true}]
resubmit: {edit: {need: required}, due: 5 working days}
steps:
  - id: look
    approve: {zh: 审核信息, en: Look at it}
    by: {manager_of: initiator}
    due: 1 working day
    show: [company, phone, need]
    on: {rejected: {end: rejected}, returned: {go: resubmit}}
  - id: inspect
    task: {zh: 检测, en: Inspect}
    by: {department: quality}
    claim: true
    due: 2 working days
    edit: {need: required, credit: optional, phone: optional}
    outcomes: {good: {}, bad: {end: bad}}
  - id: agree
    approve: {zh: 最后审核, en: Agree}
    by: [{role: sales-director}, {user: zhou.min}]
    mode: all
    due: 2 working days
    on: {rejected: {end: rejected}, returned: {go: inspect}}
  - create: {customer: {company: record.company, phone: record.phone, owner: record.owner}}
  - set: {status: customer}
  - end: approved
`}}

// world is an engine at work for one test.
type world struct {
	*Engine
	t       testing.TB
	ctx     context.Context
	mu      sync.Mutex
	signals []Signal
	later   time.Duration // how much later than the machine's clock it is
}

func newWorld(t testing.TB) *world {
	t.Helper()
	if shared == nil {
		t.Skip(storetest.Env + " isn't set: run the tests by `make test`, or by `go run ./dev/teststack go test ./...`")
	}
	return worldOn(t, shared)
}

func worldOn(t testing.TB, db *store.DB) *world {
	w := &world{t: t, ctx: context.Background()}
	w.Engine = New(db, Options{
		AfterCommit: func(s Signal) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.signals = append(w.signals, s)
		},
		Now: func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return time.Now().Add(w.later)
		},
	})
	return w
}

// pass lets the machine's clock, and with it business time, go on.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.later += d
}

func (w *world) last() Signal {
	w.mu.Lock()
	defer w.mu.Unlock()
	require.NotEmpty(w.t, w.signals)
	return w.signals[len(w.signals)-1]
}

func by(user string) Request { return Request{Caller: user, Key: rand.Text(), Body: []byte("x")} }

func admin() Request {
	r := by("admin")
	r.Admin = true
	return r
}

// lead is the fields of a lead that no other test has.
func lead() map[string]any {
	n := rand.Text()
	return map[string]any{"company": "海川机械 " + n, "phone": phone(), "need": "a pump"}
}

func phone() string {
	var b [5]byte
	_, _ = rand.Read(b[:])
	n := uint64(b[0])<<32 | uint64(b[1])<<24 | uint64(b[2])<<16 | uint64(b[3])<<8 | uint64(b[4])
	return fmt.Sprintf("1%013d", n)
}

// start starts a review by li.na on a new lead.
func (w *world) start() Answer {
	w.t.Helper()
	a, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "review", With: lead()})
	require.NoError(w.t, err)
	return a
}

// act does something with the only open task of a case.
func (w *world) act(a Answer, user string, c ActCommand) (Answer, error) {
	w.t.Helper()
	require.NotEmpty(w.t, a.Case.Open)
	if c.Task == "" {
		c.Task = a.Case.Open[0].Task
	}
	return w.Act(w.ctx, by(user), c)
}

func (w *world) must(a Answer, user string, c ActCommand) Answer {
	w.t.Helper()
	next, err := w.act(a, user, c)
	require.NoError(w.t, err)
	return next
}

// atInspect is a case whose first step is approved.
func (w *world) atInspect() Answer {
	w.t.Helper()
	return w.must(w.start(), "wang.fang", ActCommand{Act: process.EventApprove})
}

// atAgree is a case that waits for its last two approvals.
func (w *world) atAgree() Answer {
	w.t.Helper()
	a := w.must(w.atInspect(), "xu.lei", ActCommand{Act: process.EventClaim})
	return w.must(a, "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good"})
}

func (w *world) row(a Answer) store.CaseRow {
	w.t.Helper()
	c, err := w.db.CaseNow(w.ctx, a.Case.ID)
	require.NoError(w.t, err)
	return c.Case
}

func code(t testing.TB, err error) process.Code {
	t.Helper()
	r := refused(err)
	require.NotNil(t, r, "%v", err)
	return r.Code
}
