package e2e_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"
)

// chain is one of the shipped processes, and how people take a case of it through. A further chain is one more of these.
type chain struct {
	process string
	begin   func(run *crash, c *crashCase) error             // starts the case, or makes it start
	choose  func(run *crash, c *crashCase, o openTask) *deed // what somebody does at an open task; nil: it is left to time
	happens func(c *crashCase) (event, status string)        // what somebody does to its record meanwhile; nothing
}

// deed is an act at a task.
type deed struct {
	act, outcome string
	more         map[string]any
}

func fields(f map[string]any) map[string]any { return map[string]any{"fields": f} }

// sellers start the cases.
var sellers = []string{"li.na", "sun.peng", "emma.clark", "wu.xiaoling", "zheng.kai", "he.yue"}

func (c *crashCase) seller() string { return sellers[c.n%len(sellers)] }

// approval mostly approves; now and then it returns, a few times in all, and seldom refuses.
func approval(c *crashCase) *deed {
	switch n := c.draw.IntN(20); {
	case n < 3 && c.backs < 3:
		c.backs++
		return &deed{act: "return"}
	case n == 3:
		return &deed{act: "reject"}
	}
	return &deed{act: "approve"}
}

// chains are the shipped processes.
var chains = []*chain{
	{
		process: "lead-review",
		begin: func(run *crash, c *crashCase) error {
			return run.startWith(c, map[string]any{"company": fmt.Sprint("客户", c.n), "contact": "Xu Min", "phone": fmt.Sprintf("+86 519 %04d %04d", run.seed%10000, c.n)})
		},
		choose: func(_ *crash, c *crashCase, o openTask) *deed {
			switch o.Step {
			case "resubmit":
				return &deed{act: "complete"}
			case "negotiate":
				return &deed{act: "complete", more: fields(map[string]any{"need": "pumps", "products": "P-100", "expected_amount": cny(80_000_000)})}
			case "terms":
				return &deed{act: "complete", more: fields(map[string]any{"credit_limit": cny(c.draw.Int64N(100) * 1_000_000), "payment_terms": "30 days"})}
			}
			return approval(c)
		},
	},
	{
		process: "quote-follow-up",
		begin:   beginQuote,
		choose: func(run *crash, c *crashCase, o openTask) *deed {
			n := c.draw.IntN(20)
			switch {
			case o.Step == "manager" && n < 10:
				return &deed{act: "complete", outcome: "won"}
			case o.Step == "manager":
				return &deed{act: "complete", outcome: "lost", more: fields(map[string]any{"lost_reason": "price"})}
			case n < 2:
				return nil
			case n < 9:
				return &deed{act: "complete", outcome: "thinking", more: fields(map[string]any{"next_on": run.day(1)})}
			case n < 14:
				return &deed{act: "complete", outcome: "rejected", more: fields(map[string]any{"lost_reason": "price"})}
			}
			return &deed{act: "complete", outcome: "accepted"}
		},
		happens: func(c *crashCase) (event, status string) {
			if c.draw.IntN(12) > 0 {
				return "", ""
			}
			status = []string{"accepted", "rejected", "replaced"}[c.draw.IntN(3)]
			return "quote." + status, status
		},
	},
	{
		process: "complaint",
		begin: func(run *crash, c *crashCase) error {
			return run.startWith(c, map[string]any{"customer": run.customer, "product": fmt.Sprint("P-", c.n), "defect": "裂纹"})
		},
		choose: chooseComplaint,
	},
}

// filesOfAll gives everybody a file that they have uploaded.
const filesOfAll = `WITH f AS (INSERT INTO files (id, name, size, sha256, type, blob, uploaded_by, at, at_real)
	SELECT 'f-' || id, 'report.pdf', 10, repeat('a', 64), 'application/pdf', 'none', id, now(), now() FROM users RETURNING 1) SELECT count(*) FROM f`

// someFile is the file of whoever has a task.
func someFile(o openTask) map[string]any { return map[string]any{"id": "f-" + o.Who[0]} }

func chooseComplaint(_ *crash, c *crashCase, o openTask) *deed {
	n := c.draw.IntN(20)
	if len(o.Who) > 1 {
		return &deed{act: "claim"}
	}
	switch o.Step {
	case "inspect":
		if n < 6 {
			return &deed{act: "complete", outcome: "unfounded", more: fields(map[string]any{"report": someFile(o)})}
		}
		responsible := [][]string{{"purchasing", "production"}, {"production", "purchasing"}, {"purchasing"}}[c.draw.IntN(3)]
		return &deed{act: "complete", outcome: "founded", more: fields(map[string]any{"cause": "铸件裂纹", "responsible": responsible, "report": someFile(o)})}
	case "cause":
		if n < 3 && c.backs < 3 {
			c.backs++
			return &deed{act: "complete", outcome: "not_ours", more: fields(map[string]any{"statement": "来料问题"})}
		}
		return &deed{act: "complete", outcome: "found", more: fields(map[string]any{"finding": fmt.Sprint("F", n), "measure": "M"})}
	case "confirm":
		if n < 4 && c.backs < 3 {
			c.backs++
			return &deed{act: "return", more: map[string]any{"items": []string{"purchasing"}}}
		}
		return &deed{act: "approve"}
	case "answer":
		if n < 4 {
			return &deed{act: "complete", outcome: "not_satisfied", more: fields(map[string]any{"answer": "换货"})}
		}
		return &deed{act: "complete", outcome: "closed", more: fields(map[string]any{"answer": "已换货"})}
	}
	return &deed{act: "complete"}
}

// startWith starts a case of the chain by its button.
func (run *crash) startWith(c *crashCase, with map[string]any) error {
	c.with = with
	var err error
	c.start, err = run.insist("the case is started", func() reply {
		return run.people[c.seller()].post(fmt.Sprint("start-", run.seed, "-", c.n), "/cases", map[string]any{"process": c.chain.process, "with": with})
	})
	if err != nil {
		return err
	}
	is, err := c.start.caseOf()
	c.id, c.number, c.record = is.ID, is.Number, is.Record.ID
	return err
}

// beginQuote makes a quote that is sent, and finds the case that this starts by itself. Some quotes run out soon, and nobody cares.
func beginQuote(run *crash, c *crashCase) error {
	days := 90
	if c.draw.IntN(5) == 0 {
		days, c.forgotten = 4, true
	}
	c.with = map[string]any{"customer": run.customer, "valid_until": run.day(days), "status": "sent",
		"lines": []map[string]any{{"product": "P-100", "quantity": 2, "price": cny(120_000)}}}
	made, err := run.insist("the quote is made", func() reply {
		return run.people[c.seller()].post(fmt.Sprint("quote-", run.seed, "-", c.n), "/records/quote", map[string]any{"fields": c.with})
	})
	if err != nil {
		return err
	}
	var quote struct{ ID string }
	if err := made.into(&quote); err != nil {
		return err
	}
	c.record = quote.ID
	return eventually(crashPatient, "a quote that is sent starts its case", func() (bool, error) {
		cases, err := pages[caseView](run.admin, "/cases?process=quote-follow-up&record="+url.QueryEscape(c.record))
		if err != nil || len(cases) == 0 {
			return false, err
		}
		c.id, c.number = cases[0].ID, cases[0].Number
		return true, nil
	})
}

// day is a date so many days from now, in the company's zone.
func (run *crash) day(days int) string {
	now := run.now()
	return now.In(time.FixedZone("", 8*3600)).AddDate(0, 0, days).Format(time.DateOnly)
}

// now is business time, as near as it is known without asking.
func (run *crash) now() time.Time {
	return run.anchor.Now.Add(time.Duration(float64(time.Since(run.anchored)) * run.anchor.Scale))
}

// live takes a case of a shipped chain as far as its people take it.
func (run *crash) live(c *crashCase) error {
	if err := c.chain.begin(run, c); err != nil {
		return err
	}
	leaveAfter := 1000
	if c.draw.IntN(8) == 0 {
		leaveAfter = c.draw.IntN(4)
	}
	deadline := time.Now().Add(shippedPatient)
	for {
		is, err := run.look(c)
		if err != nil {
			return err
		}
		if is.Status == "ended" {
			c.outcome = is.Outcome
			return nil
		}
		if len(c.intents) >= leaveAfter {
			c.left = true
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("stuck: %+v", is)
		}
		run.think(c)
		if err := run.step(c, is); err != nil {
			return err
		}
	}
}

// step is one visit to a case.
func (run *crash) step(c *crashCase, is caseView) error {
	if c.forgotten {
		return nil
	}
	if c.chain.happens != nil && c.event == "" {
		if event, status := c.chain.happens(c); event != "" {
			return run.change(c, event, status)
		}
	}
	if len(is.Open) == 0 {
		return nil // it waits
	}
	o := is.Open[c.draw.IntN(len(is.Open))]
	d := c.chain.choose(run, c, o)
	if d == nil || len(o.Who) == 0 {
		return nil
	}
	return run.carry(c, run.intentOf(c, o, d, o.Who[c.draw.IntN(len(o.Who))]))
}

func (run *crash) intentOf(c *crashCase, o openTask, d *deed, who string) *intent {
	i := newIntent(fmt.Sprint(c.id, "-", len(c.intents)), run.people[who], o.Task, d.act)
	i.step, i.more = o.Step, d.more
	if d.outcome != "" {
		i.outcome = d.outcome
	}
	c.intents = append(c.intents, i)
	return i
}

// carry sends an act, now and then with another device of the same person beside, and with connections that are cut.
func (run *crash) carry(c *crashCase, first *intent) error {
	devices := []*intent{first}
	if c.draw.IntN(6) == 0 && first.act != "claim" {
		other := *first
		other.key, other.replies = fmt.Sprint(c.id, "-", len(c.intents)), nil
		c.intents = append(c.intents, &other)
		devices = append(devices, &other)
	}
	if c.draw.IntN(8) == 0 {
		first.hangUp = time.Millisecond + time.Duration(c.draw.Int64N(int64(5*time.Millisecond)))
	}
	leave := c.draw.IntN(2) == 0
	failures := make([]error, len(devices))
	atOnce(len(devices), func(n int) { failures[n] = run.settle(devices[n], leave) })
	return errors.Join(failures...)
}

// change makes something happen to the case's record, until it is answered.
func (run *crash) change(c *crashCase, event, status string) error {
	c.event = event
	r, err := run.insist("the record is changed", func() reply {
		return run.people[c.seller()].send("PATCH", run.url()+"/api/v1/records/quote/"+c.record, "", map[string]any{"fields": map[string]any{"status": status}})
	})
	if err == nil && !r.ok() {
		return fmt.Errorf("%s of %s: %s", event, c.record, r)
	}
	return err
}

// driveShipped runs all cases; they begin one after another.
func (run *crash) driveShipped(every time.Duration) {
	var all sync.WaitGroup
	begin := time.NewTicker(every)
	defer begin.Stop()
	for _, c := range run.cases {
		<-begin.C
		all.Go(func() {
			run.wrong.check(fmt.Sprintf("case %d (%s %s)", c.n, c.chain.process, c.id), run.live(c))
		})
	}
	all.Wait()
}

// chosen is a chain for each case.
func chosen(seed uint64, n int) *crashCase {
	return &crashCase{n: n, draw: rand.New(rand.NewPCG(seed, uint64(n+1))), chain: chains[n%len(chains)]}
}
