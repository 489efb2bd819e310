package server

import (
	"context"
	"strings"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// coverMessages leaves in what somebody was told what they may see now: what of a text stands before the subject of the case, and of a message of the chain's
// own, where it shows a field that is hidden or masked, the title of its step.
func (s *Server) coverMessages(ctx context.Context, v *visit, rows []store.Message) error {
	list := make([]about, len(rows))
	for i, m := range rows {
		list[i] = about{m.CaseID, process.Reference{Type: m.RecordType, ID: m.RecordID}}
	}
	sights, err := s.caseSights(ctx, v, list)
	if err != nil {
		return err
	}
	library, err := s.engine.LibraryAt(ctx, v.who.Revision)
	if err != nil {
		return err
	}
	for i := range rows {
		if sight := sights[rows[i].CaseID]; !sight.Whole() {
			rows[i].Text = store.Of(coverMessage(library, sight, rows[i]))
		}
	}
	return nil
}

func coverMessage(library *engine.Library, sight process.Sight, m store.Message) process.Text {
	text := m.Text.V
	if !subjectPlain(sight, m.Shows) {
		text = process.Text{ZH: beforeSubject(text.ZH), EN: beforeSubject(text.EN)}
	}
	if m.About != "notify" {
		return text
	}
	p := library.Processes[m.Process]
	if p == nil {
		return process.Same(m.Process)
	}
	step := p.Step(stepOf(m))
	if step == nil {
		return p.Title
	}
	told, ok := step.Do.(process.Notify)
	if ok && p.Digest == m.Digest && (told.Message == nil || sight.Plain(told.Message.Fields...)) {
		return text
	}
	return step.Title
}

// beforeSubject is what of a message stands before the subject of its case: process.Tell puts a middle dot between them.
func beforeSubject(text string) string {
	before, _, _ := strings.Cut(text, " · ")
	return before
}

func stepOf(m store.Message) string {
	if m.Step == nil {
		return ""
	}
	return *m.Step
}

// coverAsRead leaves in messages what those may see whom each is for.
func (s *Server) coverAsRead(ctx context.Context, v *visit, rows []store.Message) error {
	places := map[string][]int{}
	for i, m := range rows {
		places[m.To] = append(places[m.To], i)
	}
	for to, list := range places {
		reader, err := s.reader(ctx, v, to)
		if err != nil {
			return err
		}
		own := make([]store.Message, len(list))
		for i, place := range list {
			own[i] = rows[place]
		}
		if err := s.coverMessages(ctx, reader, own); err != nil {
			return err
		}
		for i, place := range list {
			rows[place] = own[i]
		}
	}
	return nil
}

// reader is the visit of somebody else who would read what the caller reads.
func (s *Server) reader(ctx context.Context, v *visit, user string) (*visit, error) {
	return s.readerAt(ctx, v, user, v.who.Revision)
}

// readerAt is [Server.reader] where nobody needs to be signed in.
func (s *Server) readerAt(ctx context.Context, v *visit, user string, revision int64) (*visit, error) {
	who := &store.Caller{ID: user, Revision: revision}
	list, err := s.db.PrincipalsOf(ctx, user)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		switch sort, id := p.Split(); sort {
		case "role":
			if role, scope, scoped := process.HeldRole(id); scoped { // "finance" stands there beside "finance@*" and "finance@north"
				who.Roles = append(who.Roles, strings.TrimSuffix(role+"@"+scope, "@*"))
			}
		case "group":
			who.Groups = append(who.Groups, id)
		case "department":
			who.Department = id
		case "position":
			who.Position = id
		}
	}
	library, err := s.engine.LibraryAt(ctx, who.Revision)
	if err != nil {
		return nil, err
	}
	return &visit{who: who, access: library.Rights.Of(who.Principals()), types: library.Types, zone: v.zone, said: v.lang()}, nil
}
