package server

import (
	"context"
	"time"

	"github.com/crmflow/crmflow/store"
)

// requestBody is a call to another system. What was sent and answered isn't shown: the record shows what was taken from it.
type requestBody struct {
	Call      string     `json:"call" doc:"The Idempotency-Key of every attempt"`
	Step      string     `json:"step"`
	System    string     `json:"system"`
	Method    string     `json:"method" enum:"get,post"`
	Status    string     `json:"status" enum:"waiting,answered,failed,ended" doc:"ended: its step was left, nobody waits for it any more"`
	Attempts  int        `json:"attempts"`
	Why       *string    `json:"why" doc:"What the last attempt that failed came to"`
	CreatedAt time.Time  `json:"created_at" doc:"Real time, like all of these"`
	TriedAt   *time.Time `json:"tried_at" doc:"The first attempt"`
	OverAt    *time.Time `json:"over_at"`
}

func (v *visit) requestRow(r store.RequestRow) requestBody {
	body := requestBody{
		Call: r.Call, Step: r.Step, System: r.System, Method: r.Method, Status: r.Status, Attempts: r.Attempts,
		CreatedAt: v.at(r.Created), TriedAt: v.atOrNil(r.Tried), OverAt: v.atOrNil(r.Over),
	}
	if !r.Why.V.Empty() {
		why := v.text(r.Why.V)
		body.Why = &why
	}
	return body
}

func (s *Server) requests(ctx context.Context, v *visit, in *timelineInput) (*struct{ Body list[requestBody] }, error) {
	page, err := PageInput{Limit: in.Limit, Cursor: in.Cursor}.page("requests")
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.RequestsOf(ctx, in.ID, page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[requestBody] }{listOf("requests", rows, next, v.requestRow)}, nil
}
