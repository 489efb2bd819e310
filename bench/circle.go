package bench

import (
	"context"
	"fmt"
	"net/http"
)

const circleProcess = "bench-circle"

// circle is cases whose approvals never end: one for each client, so that no two meet.
type circle struct {
	product *product
	cases   []*openCase
}

// newCircle starts the cases.
func newCircle(ctx context.Context, p *product, clients int) (*circle, error) {
	c := &circle{product: p}
	for range clients {
		with := map[string]any{"name": "Bench " + p.api.keys.key(), "amount": map[string]any{"amount": 120000, "currency": "CNY"}, "note": benchNote}
		var a answer
		err := p.api.as(p.tokens[starter]).post(ctx, "/cases", map[string]any{"process": circleProcess, "with": with}, &a)
		if err != nil {
			return nil, err
		}
		one := &openCase{id: a.about().ID}
		if err := one.turn(a.about()); err != nil {
			return nil, err
		}
		c.cases = append(c.cases, one)
	}
	return c, nil
}

// capacity is how many of the circle's decisions a second the machine can go on with for ever: until nothing is left to do behind them.
func (b *bench) capacity(ctx context.Context, c *circle) (float64, error) {
	fmt.Fprintln(b.Progress, "measuring how many decisions the machine can go on with")
	var one phase
	var err error
	for range 2 { // the first fills caches
		if one, err = measure(ctx, b.product, judgedClients, limit{1 << 30, b.Phase}, c.next()); err != nil {
			return 0, err
		}
	}
	return one.settledRate(), nil
}

// next gives a decision per item, each client on its own case.
func (c *circle) next() work {
	free := make(chan int, len(c.cases))
	for client := range c.cases {
		free <- client
	}
	return func(ctx context.Context, _ int, lap func()) error {
		client := <-free
		defer func() { free <- client }()
		if err := c.decide(ctx, client); err != nil {
			return err
		}
		lap()
		return nil
	}
}

// decide gives the next decision on the client's case.
func (c *circle) decide(ctx context.Context, client int) error {
	one := c.cases[client]
	as := c.product.api.as(c.product.tokens[benchSteps[one.made].by])
	r, err := as.request(ctx, http.MethodPost, "/tasks/"+one.task+"/approve", map[string]string{"comment": benchComment})
	if err != nil {
		return err
	}
	var a answer
	if _, err := c.product.api.send(r, &a); err != nil {
		return err
	}
	one.made = (one.made + 1) % decisionsPerCase
	return one.turn(a.about())
}

// turn takes the next task from an answer; it is an error when the answer doesn't say what must be next.
func (c *openCase) turn(a caseAnswer) error {
	want := benchSteps[c.made]
	if len(a.Open) != 1 || a.Open[0].Step != want.step || a.Open[0].Task == "" {
		return fmt.Errorf("case %s: the answer names %+v as open, not %s", c.id, a.Open, want.step)
	}
	c.task = a.Open[0].Task
	return nil
}
