package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// bulkBody is one act on several tasks.
type bulkBody struct {
	Act     string     `json:"act" enum:"approve,reject,complete,claim,read"`
	Comment string     `json:"comment,omitempty" maxLength:"10000" doc:"The same for all of them"`
	Outcome string     `json:"outcome,omitempty" maxLength:"64" doc:"complete: which of the tasks' outcomes; default the only one"`
	Tasks   []bulkTask `json:"tasks" minItems:"1" maxItems:"100"`
}

// bulkTask is one of the tasks, and what its caller saw of it.
type bulkTask struct {
	ID   string `json:"id" minLength:"1" maxLength:"200"`
	Seen string `json:"seen,omitempty" maxLength:"100" doc:"The task's seen: it drops out when what it shows has changed; without it the present content counts"`
}

// bulkItem is what became of one task, in the order in which they were sent.
type bulkItem struct {
	ID     string         `json:"id"`
	Status int            `json:"status" doc:"As if it had been sent by itself: 200, or that of its problem"`
	Code   string         `json:"code,omitempty" doc:"What kind of problem"`
	Detail string         `json:"detail,omitempty" doc:"What happened, in the caller's language"`
	Errors []ProblemError `json:"errors,omitempty" doc:"Each thing wrong: a field of the form that is missing, say"`
	Case   *caseBody      `json:"case,omitempty" doc:"The case as it is now"`
}

type bulkInput struct {
	Keyed
	Body bulkBody
}

type bulkOutput struct {
	Body struct {
		Items []bulkItem `json:"items"`
	}
}

// actInBulk acts on each task in a transaction of its own and under a key of its own, made from the request's: sent once more, it goes on where it broke
// off, and what was done is answered as it was.
func (s *Server) actInBulk(ctx context.Context, v *visit, in *bulkInput) (*bulkOutput, error) {
	if err := in.twice(); err != nil {
		return nil, err
	}
	whole := v.request(http.MethodPost, "/tasks/bulk", in.Keyed)
	if _, err := once(ctx, s, whole, func(*store.Tx) (bool, error) { return true, nil }); err != nil { // the same key with another body
		return nil, err
	}
	out := &bulkOutput{}
	for _, t := range in.Body.Tasks {
		out.Body.Items = append(out.Body.Items, s.bulkItem(ctx, v, bulkRequest(whole, t), in.Body, t))
	}
	if in.Body.Act == actRead {
		return out, s.db.Tell(ctx, v.user())
	}
	return out, nil
}

// actRead marks copies as read: it is no event of the machine.
const actRead = "read"

// twice refuses a list that names a task twice: there would be two answers to one question.
func (in *bulkInput) twice() error {
	seen := map[string]bool{}
	for i, t := range in.Body.Tasks {
		if seen[t.ID] {
			return fieldInvalid(fmt.Sprintf("tasks[%d].id", i), "任务“"+t.ID+"”重复", "the task "+t.ID+" is named twice")
		}
		seen[t.ID] = true
	}
	return nil
}

// bulkRequest is the request of one task: its key is bound to the whole request's key and to the task.
func bulkRequest(whole engine.Request, t bulkTask) engine.Request {
	if whole.Key == "" {
		return whole
	}
	sum := sha256.Sum256([]byte(whole.Key + "\n" + t.ID))
	whole.Key = "bulk:" + hex.EncodeToString(sum[:])
	return whole
}

func (s *Server) bulkItem(ctx context.Context, v *visit, r engine.Request, b bulkBody, t bulkTask) bulkItem {
	answer, err := s.bulkAct(ctx, r, b, t)
	if err == nil {
		err = s.coverAnswer(ctx, v, &answer)
	}
	if err != nil {
		p := problemOf(ctx, err)
		return bulkItem{ID: t.ID, Status: p.Status, Code: p.Code, Detail: p.Detail, Errors: p.Errors}
	}
	kase := v.kase(answer.Case)
	return bulkItem{ID: t.ID, Status: http.StatusOK, Case: &kase}
}

func (s *Server) bulkAct(ctx context.Context, r engine.Request, b bulkBody, t bulkTask) (engine.Answer, error) {
	if ctx.Err() != nil { // the time is up: repeated with the same key, it goes on
		return engine.Answer{}, store.ErrUnavailable
	}
	if b.Act == actRead {
		return s.engine.Read(ctx, r, t.ID)
	}
	return s.engine.ActInBulk(ctx, r, engine.ActCommand{Task: t.ID, Act: process.EventKind(b.Act), Comment: b.Comment, Outcome: b.Outcome, Seen: t.Seen})
}
