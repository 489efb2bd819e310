package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// request is the row of a call that a step makes.
func (c *change) request(e process.CallSystem) (store.RequestRow, error) {
	row := store.RequestRow{Call: e.Call, CaseID: c.row.ID, Step: e.Step, System: e.To, Method: e.Method, Path: e.Path, Status: store.RequestWaiting, Created: c.real}
	if s := c.in.Process.Step(e.Step); s != nil {
		asks, _ := s.Do.(process.Request)
		row.Reads = len(asks.Into) > 0
	}
	if e.Method != process.MethodGet {
		body, err := json.Marshal(e.Body)
		if err != nil {
			return row, fmt.Errorf("engine: body of a request: %w", err)
		}
		row.Body = (*json.RawMessage)(&body)
	}
	return row, nil
}

// writeRequests writes the calls that an event makes, and ends those whose step it has left: what wasn't called yet isn't called any more.
func (c *change) writeRequests(res process.Result) error {
	var rows []store.RequestRow
	for _, effect := range res.Effects {
		if call, ok := effect.(process.CallSystem); ok {
			row, err := c.request(call)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	if left := c.leftRequests(res.State); len(left) > 0 {
		if err := c.tx.EndRequests(c.ctx, left, c.real); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return c.tx.AddRequests(c.ctx, rows)
}

// leftRequests are the calls for which a step waited before the event, and none does now.
func (c *change) leftRequests(now process.State) []string {
	var left []string
	for _, o := range c.in.State.Open {
		s := cmp.Or(c.left, c.in.Process).Step(o.Step)
		if o.Call == "" || o.Call == c.event.Call || s == nil || s.Kind != "request" {
			continue
		}
		if !slices.ContainsFunc(now.Open, func(other process.Open) bool { return other.Call == o.Call }) {
			left = append(left, o.Call)
		}
	}
	return left
}

// Answered lets a case take what one of its requests has come to. Once it has, or where nobody waits for it, it does nothing.
// A case that can't go on from there is put on hold and the error is a [*process.Refusal]; the answer is kept, so ask again.
func (e *Engine) Answered(ctx context.Context, caseID, call string) error {
	_, err := e.advance(ctx, Request{}, func(a *advance) error { return a.meetAnswer(caseID, call) })
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

func (a *advance) meetAnswer(caseID, call string) error {
	l, err := a.tx.LockCase(a.ctx, caseID)
	if err != nil {
		return orNothing(err)
	}
	row, err := a.tx.TakeAnswer(a.ctx, call, a.real)
	if err != nil {
		return orNothing(err)
	}
	a.event = process.Event{Kind: process.EventAnswered, Call: call, Step: row.Step, Tries: row.Attempts}
	if row.GivenUp {
		a.event.Failed = row.Why.V
		return a.meet(l)
	}
	d := json.NewDecoder(bytes.NewReader(*row.Answer))
	d.UseNumber()
	if err := d.Decode(&a.event.Answer); err != nil {
		return fmt.Errorf("engine: answer of a request: %w", err)
	}
	return a.meet(l)
}

// UnknownSystems are the requests of a process to systems that this server's configuration doesn't have, each at its place. They are warnings: it is a
// worker that calls, by its own configuration, and a case whose system is missing says so.
func (e *Engine) UnknownSystems(p *process.Process) []process.Problem {
	if e.systems == nil {
		return nil
	}
	known := strings.Join(e.systems, ", ")
	var found []process.Problem
	for _, s := range p.AllSteps() {
		asks, ok := s.Do.(process.Request)
		if !ok || slices.Contains(e.systems, asks.To) {
			continue
		}
		text := process.Text{ZH: "本服务器没有配置系统 " + asks.To + "；已配置：" + known, EN: "this server has no system " + asks.To + " configured; it has: " + known}
		if known == "" {
			text = process.Text{ZH: "本服务器没有配置系统 " + asks.To + "，也没有配置别的系统", EN: "this server has no system " + asks.To + " configured, nor any other"}
		}
		found = append(found, process.Problem{Position: s.At, Message: text, Warning: true})
	}
	return found
}
