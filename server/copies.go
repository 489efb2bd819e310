package server

import (
	"context"
	"time"
)

// sentCopy is a copy that somebody was sent.
type sentCopy struct {
	To     string     `json:"to"`
	At     time.Time  `json:"at"`
	ReadAt *time.Time `json:"read_at" doc:"null: not read yet"`
}

// withCopies adds to a case who was sent a copy of it, and who has read theirs. Whoever sees the case sees them: that it was copied stands in its timeline.
func (s *Server) withCopies(ctx context.Context, v *visit, body *caseBody) error {
	copies, err := s.db.Copies(ctx, body.ID)
	list := make([]sentCopy, len(copies))
	for i, c := range copies {
		list[i] = sentCopy{To: c.To, At: v.at(c.At), ReadAt: v.atOrNil(c.Read)}
	}
	body.Copies = &list
	return err
}
