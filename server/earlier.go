package server

import (
	"context"
	"time"
)

// earlierBody is a rejected or withdrawn case that was submitted again, with what people said of it. Whoever sees the case that came of it reads that: it is what the
// next decision is about. Of the record, as it was then, it holds nothing.
type earlierBody struct {
	Case    string      `json:"case"`
	Number  string      `json:"number"`
	Outcome *string     `json:"outcome"`
	EndedAt *time.Time  `json:"ended_at"`
	Entries []entryBody `json:"entries" doc:"What people decided, in order"`
}

// earlier are the cases that were submitted again until this one came of them, the last first; nil: it is the first.
func (s *Server) earlier(ctx context.Context, v *visit, id string, resubmits *string) ([]earlierBody, error) {
	if resubmits == nil {
		return nil, nil
	}
	cases, err := s.db.EarlierOf(ctx, id)
	if err != nil {
		return nil, err
	}
	list := make([]earlierBody, len(cases))
	for i, c := range cases {
		list[i] = earlierBody{Case: c.Case, Number: c.Number, Outcome: c.Outcome, EndedAt: v.atOrNil(c.EndedAt)}
		if list[i].Entries, err = s.said(ctx, v, c.Case); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// said is what people decided in a case, without anything of its record.
func (s *Server) said(ctx context.Context, v *visit, id string) ([]entryBody, error) {
	rows, err := s.db.Opinions(ctx, id, decisions)
	if err != nil {
		return nil, err
	}
	entries := make([]entryBody, len(rows))
	for i, r := range rows {
		e := v.entry(r)
		signature, signed := e.Data["signature"]
		e.Data, e.Reason = map[string]any{}, nil
		if signed {
			e.Data["signature"] = signature
		}
		entries[i] = e
	}
	called, err := s.called(ctx, v, id)
	if err == nil {
		err = s.readable(ctx, v, called, entries)
	}
	return entries, err
}
