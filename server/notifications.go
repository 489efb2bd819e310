package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crmflow/crmflow/store"
)

func (s *Server) notificationRoutes() {
	add(s, route{method: http.MethodGet, path: "/notifications", rule: signedIn, id: "list-notifications", summary: "What one was told, newest first"}, s.listNotifications)
	add(s, route{method: http.MethodPost, path: "/notifications/read", rule: signedIn, id: "read-notifications", summary: "Mark one's own as read: those named, or all", status: http.StatusNoContent}, s.readNotifications)
	if s.Dev {
		add(s, route{method: http.MethodGet, path: "/dev/messages", rule: signedIn, id: "list-messages", summary: "Development only: everything that was told, to everybody"}, s.listMessages)
	}
}

// NotificationBody is one thing one person was told.
type NotificationBody struct {
	ID     string     `json:"id"`
	At     time.Time  `json:"at"`
	About  string     `json:"about" doc:"opened, reminded, late, handed_up, returned, ended, notify, held, assigned, webhook"`
	Case   string     `json:"case" doc:"Its id"`
	Number string     `json:"number"`
	Task   *string    `json:"task"`
	Step   *string    `json:"step"`
	Text   string     `json:"text"`
	ReadAt *time.Time `json:"read_at"`
}

// messageBody is a notification with the one it was for, and what went out of it.
type messageBody struct {
	To string `json:"to"`
	NotificationBody
	Sent []sentBody `json:"sent" doc:"What other channels have carried out of the page, where mail is caught"`
}

// sentBody is a message that a channel carried.
type sentBody struct {
	Channel string    `json:"channel" enum:"email"`
	Address string    `json:"address"`
	At      time.Time `json:"at" doc:"Real time"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
}

func (v *visit) sent(caught []store.CaughtMail) []sentBody {
	out := make([]sentBody, len(caught))
	for i, m := range caught {
		out[i] = sentBody{Channel: store.ChannelEmail, Address: m.Address, At: v.at(m.At), Subject: m.Subject, Text: m.Text, HTML: m.HTML}
	}
	return out
}

func (v *visit) notification(m store.Message) NotificationBody {
	return NotificationBody{
		ID: strconv.FormatInt(m.ID, 10), At: v.at(m.At), About: m.About, Case: m.CaseID, Number: m.Number, Task: m.Task, Step: m.Step,
		Text: v.text(m.Text.V), ReadAt: v.atOrNil(m.ReadAt),
	}
}

func (s *Server) listNotifications(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[NotificationBody] }, error) {
	page, err := in.numbered("notifications", 64)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Messages(ctx, v.user(), page)
	if err != nil {
		return nil, err
	}
	if err := s.coverMessages(ctx, v, rows); err != nil {
		return nil, err
	}
	return &struct{ Body list[NotificationBody] }{listOf("notifications", rows, next, v.notification)}, nil
}

// readBody names notifications; none: all.
type readBody struct {
	IDs []string `json:"ids,omitempty" maxItems:"1000"`
}

func (s *Server) readNotifications(ctx context.Context, v *visit, in *struct {
	Keyed
	Body *readBody
}) (*struct{}, error) {
	var ids []int64
	if in.Body != nil {
		for _, written := range in.Body.IDs {
			id, err := strconv.ParseInt(written, 10, 64)
			if err != nil {
				return nil, fieldInvalid("ids", "没有“"+written+"”", "there is no "+written)
			}
			ids = append(ids, id)
		}
	}
	now, _, err := s.engine.Now(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.db.ReadMessages(ctx, v.user(), ids, now); err != nil { // doing it again changes nothing, key or not
		return nil, err
	}
	return nil, s.db.Tell(ctx, v.user())
}

type messagesInput struct {
	PageInput
	To string `query:"to" maxLength:"254" doc:"A user id, or an address that mail was sent to"`
}

func (s *Server) listMessages(ctx context.Context, v *visit, in *messagesInput) (*struct{ Body list[messageBody] }, error) {
	page, err := in.numbered("messages", 64)
	if err != nil {
		return nil, err
	}
	find := s.db.Messages
	if strings.Contains(in.To, "@") {
		find = s.db.MailedTo
	}
	rows, next, err := find(ctx, in.To, page)
	if err != nil {
		return nil, err
	}
	if err := s.coverAsRead(ctx, v, rows); err != nil {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	caught, err := s.db.CaughtMailOf(ctx, ids)
	return &struct{ Body list[messageBody] }{listOf("messages", rows, next, func(m store.Message) messageBody {
		return messageBody{To: m.To, NotificationBody: v.notification(m), Sent: v.sent(caught[m.ID])}
	})}, err
}
