package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// channelInbox is the channel that can't be turned off: the page.
const channelInbox = "inbox"

func (s *Server) channelRoutes() {
	add(s, route{method: http.MethodGet, path: "/channels", rule: signedIn, id: "list-channels", summary: "By which channels one is told, and how they are"}, s.listChannels)
	add(s, route{method: http.MethodPatch, path: "/channels/{id}", rule: signedIn, id: "change-channel", summary: "Turn a channel on or off, for oneself"}, s.changeChannel)
}

// channelBody is a channel as the caller has it.
type channelBody struct {
	ID      string        `json:"id" enum:"inbox,email"`
	Title   string        `json:"title"`
	On      bool          `json:"on" doc:"The caller is told by it"`
	Fixed   bool          `json:"fixed" doc:"It can't be turned off"`
	Address *string       `json:"address" doc:"Where it reaches the caller; null: nowhere yet"`
	Works   bool          `json:"works" doc:"It is configured, and reached its server last time"`
	State   *channelState `json:"state,omitempty" doc:"For administrators"`
}

// channelState is how a channel is. Moments are real time.
type channelState struct {
	Configured bool       `json:"configured"`
	Failing    *time.Time `json:"failing_since" doc:"null: it works"`
	Why        *string    `json:"why" doc:"What went wrong last"`
	Waiting    int        `json:"waiting" maximum:"1000" doc:"Messages that are still to be sent, counted up to a thousand"`
}

var channelTitles = map[string]process.Text{
	channelInbox: {ZH: "页面", EN: "Page"}, store.ChannelEmail: {ZH: "邮件", EN: "E-mail"},
}

// channels are all there are, in the order in which they are listed.
var channels = []string{channelInbox, store.ChannelEmail}

func (s *Server) listChannels(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[channelBody] }, error) {
	page, err := in.page("channels")
	if err != nil {
		return nil, err
	}
	ids, next := channels, (*store.Place)(nil)
	if page.After != nil {
		at := slices.Index(ids, page.After.ID)
		if at < 0 {
			return nil, badCursor()
		}
		ids = ids[at+1:]
	}
	if len(ids) > page.Limit {
		ids = ids[:page.Limit]
		next = &store.Place{ID: ids[page.Limit-1]}
	}
	email, err := s.emailOf(ctx, v)
	if err != nil {
		return nil, err
	}
	inbox := channelBody{ID: channelInbox, Title: v.text(channelTitles[channelInbox]), On: true, Fixed: true, Address: orNil(v.user()), Works: true}
	all := map[string]channelBody{inbox.ID: inbox, email.ID: email}
	return &struct{ Body list[channelBody] }{listOf("channels", ids, next, func(id string) channelBody { return all[id] })}, nil
}

func (s *Server) emailOf(ctx context.Context, v *visit) (channelBody, error) {
	c, err := s.db.Channel(ctx, store.ChannelEmail, v.user())
	body := channelBody{
		ID: store.ChannelEmail, Title: v.text(channelTitles[store.ChannelEmail]), On: !c.Off, Address: orNil(v.who.Email), Works: c.Configured && c.Failing == nil,
	}
	if v.admin() {
		body.State = &channelState{Configured: c.Configured, Failing: v.atOrNil(c.Failing), Why: c.Why, Waiting: c.Waiting}
	}
	return body, err
}

// channelInput is what may be changed of a channel.
type channelInput struct {
	On bool `json:"on"`
}

func (s *Server) changeChannel(ctx context.Context, v *visit, in *struct {
	IDInput
	Body channelInput
}) (*struct{ Body channelBody }, error) {
	switch in.ID {
	case store.ChannelEmail:
	case channelInbox:
		return nil, fieldInvalid("on", "页面上的通知不能关闭", "what the page tells can't be turned off")
	default:
		return nil, notFound()
	}
	if err := s.db.TurnChannel(ctx, in.ID, v.user(), in.Body.On); err != nil {
		return nil, err
	}
	body, err := s.emailOf(ctx, v)
	return &struct{ Body channelBody }{body}, err
}
