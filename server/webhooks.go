package server

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

// Bounds of webhooks.
const (
	maxWebhooks   = 100
	maxWebhookURL = 2000
	secretBytes   = 32
)

func (s *Server) webhookRoutes() {
	add(s, route{method: http.MethodGet, path: "/webhooks", rule: integrators, id: "list-webhooks", summary: "Who hears what happens in cases"}, s.listWebhooks)
	add(s, route{method: http.MethodPost, path: "/webhooks", rule: integrators, id: "create-webhook", summary: "Hear from now on what happens in cases; the answer alone shows the secret", status: http.StatusCreated}, s.createWebhook)
	add(s, route{method: http.MethodGet, path: "/webhooks/{id}", rule: integrators, id: "get-webhook", summary: "One, and how it is"}, s.getWebhook)
	add(s, route{method: http.MethodPatch, path: "/webhooks/{id}", rule: integrators, id: "change-webhook", summary: "Change one, or switch it on or off; what it hasn't taken is tried again at once"}, s.changeWebhook)
	add(s, route{method: http.MethodDelete, path: "/webhooks/{id}", rule: integrators, id: "delete-webhook", summary: "Hear nothing more", status: http.StatusNoContent}, s.deleteWebhook)
	add(s, route{method: http.MethodGet, path: "/webhooks/{id}/deliveries", rule: integrators, id: "list-deliveries", summary: "What it was to hear in the last seven days and what came of it, the newest first"}, s.listDeliveries)
}

// WebhookBody is an address that hears what happens in cases. Moments are real time.
type WebhookBody struct {
	ID        string     `json:"id"`
	URL       string     `json:"url"`
	Events    []string   `json:"events" doc:"As entries of a timeline name them; empty: all"`
	Processes []string   `json:"processes" doc:"Only cases of these; empty: of all"`
	Active    bool       `json:"active" doc:"false: it hears nothing"`
	Failing   bool       `json:"failing" doc:"The last attempts all came to nothing"`
	Since     *time.Time `json:"failing_since" doc:"The first of the attempts that came to nothing since the last one that didn't; null: there was none"`
	Why       *string    `json:"why" doc:"What the last of them came to"`
	MadeBy    string     `json:"made_by"`
	MadeAt    time.Time  `json:"made_at"`
}

// newWebhookBody is a webhook that has just come into being.
type newWebhookBody struct {
	WebhookBody
	Secret string `json:"secret" doc:"What messages are signed with; shown this once"`
}

func (v *visit) webhook(w store.Webhook) WebhookBody {
	body := WebhookBody{
		ID: w.ID, URL: w.URL, Events: append([]string{}, w.Events...), Processes: append([]string{}, w.Processes...), Active: w.Active, Failing: w.Failing(),
		Since: v.atOrNil(w.Since), MadeBy: w.MadeBy, MadeAt: v.at(w.Made),
	}
	if !w.Why.V.Empty() {
		why := v.text(w.Why.V)
		body.Why = &why
	}
	return body
}

func (s *Server) listWebhooks(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[WebhookBody] }, error) {
	page, err := in.page("webhooks")
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Webhooks(ctx, page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[WebhookBody] }{listOf("webhooks", rows, next, v.webhook)}, nil
}

func (s *Server) getWebhook(ctx context.Context, v *visit, in *IDInput) (*struct{ Body WebhookBody }, error) {
	w, err := s.db.Webhook(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body WebhookBody }{v.webhook(w)}, nil
}

// webhookInput is a webhook as sent. What a change leaves out stays as it is.
type webhookInput struct {
	URL       *string   `json:"url,omitempty" doc:"Where messages go: https://…, or http://…"`
	Events    *[]string `json:"events,omitempty" maxItems:"100" doc:"As entries of a timeline name them: decided, returned, ended …; empty: all"`
	Processes *[]string `json:"processes,omitempty" maxItems:"100" doc:"Only cases of these; empty: of all"`
	Active    *bool     `json:"active,omitempty" doc:"Default: true. Switched on again, it hears what happens from then on"`
}

func (in webhookInput) onto(w *store.Webhook) {
	set(&w.URL, in.URL)
	if in.Events != nil {
		w.Events = slices.Compact(slices.Sorted(slices.Values(*in.Events)))
	}
	if in.Processes != nil {
		w.Processes = slices.Compact(slices.Sorted(slices.Values(*in.Processes)))
	}
	set(&w.Active, in.Active)
}

type createdWebhook struct {
	Location string `header:"Location"`
	Body     newWebhookBody
}

func (s *Server) createWebhook(ctx context.Context, v *visit, in *struct {
	Keyed
	Body webhookInput
}) (*createdWebhook, error) {
	w := store.Webhook{
		ID: strings.ToLower(rand.Text()), Events: []string{}, Processes: []string{}, Active: true, Secret: make([]byte, secretBytes), MadeBy: v.user(), Made: s.Now(),
	}
	_, _ = rand.Read(w.Secret) // never fails
	in.Body.onto(&w)
	if err := s.checkWebhook(ctx, w); err != nil {
		return nil, err
	}
	made, err := once(ctx, s, v.request(http.MethodPost, "/webhooks", in.Keyed), func(tx *store.Tx) (store.Webhook, error) {
		n, err := tx.CountWebhooks(ctx)
		if err != nil {
			return w, err
		}
		if n >= maxWebhooks {
			return w, fieldInvalid("url", "已有 100 个 Webhook，请先删除不用的", "there are 100 webhooks already: delete one that isn't used")
		}
		return w, tx.AddWebhook(ctx, w)
	})
	if err != nil {
		return nil, err
	}
	return &createdWebhook{
		Location: base + "/webhooks/" + made.ID,
		Body:     newWebhookBody{v.webhook(made), webhookSecretPrefix + base64.StdEncoding.EncodeToString(made.Secret)},
	}, nil
}

// webhookSecretPrefix is how a secret begins that is written as the Standard Webhooks convention has it.
const webhookSecretPrefix = "whsec_"

func (s *Server) changeWebhook(ctx context.Context, v *visit, in *struct {
	IDInput
	Body webhookInput
}) (*struct{ Body WebhookBody }, error) {
	var changed store.Webhook
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		w, err := tx.LockWebhook(ctx, in.ID)
		if err != nil {
			return err
		}
		in.Body.onto(&w)
		if err := s.checkWebhook(ctx, w); err != nil {
			return err
		}
		changed, err = tx.ChangeWebhook(ctx, w, s.Now())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &struct{ Body WebhookBody }{v.webhook(changed)}, nil
}

func (s *Server) deleteWebhook(ctx context.Context, _ *visit, in *IDInput) (*struct{}, error) {
	return nil, s.db.DeleteWebhook(ctx, in.ID)
}

// checkWebhook refuses an address that can't be one, or that messages may not go to, and events and processes that aren't there.
func (s *Server) checkWebhook(ctx context.Context, w store.Webhook) error {
	if err := s.checkWebhookURL(w.URL); err != nil {
		return err
	}
	for _, e := range w.Events {
		if !slices.Contains(engine.TimelineEvents, e) {
			return fieldInvalid("events", "没有这种事件："+e+"。可选："+strings.Join(engine.TimelineEvents, " "), "there is no event "+e+"; there are: "+strings.Join(engine.TimelineEvents, " "))
		}
	}
	library, err := s.engine.Library(ctx)
	if err != nil {
		return err
	}
	for _, id := range w.Processes {
		if library.Processes[id] == nil {
			return fieldInvalid("processes", "没有这个流程："+id, "there is no process "+id)
		}
	}
	return nil
}

func (s *Server) checkWebhookURL(text string) error {
	if text == "" {
		return fieldInvalid("url", "请填写接收消息的网址", "say where messages go")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || len(text) > maxWebhookURL:
		return fieldInvalid("url", "请写成 https://crm.example.com/hooks 这样的网址", "is written like https://crm.example.com/hooks")
	case u.User != nil || u.Fragment != "":
		return fieldInvalid("url", "网址中不能有用户名、密码或 #", "holds no name and password, and no #")
	}
	a, err := netip.ParseAddr(u.Hostname())
	if strings.EqualFold(u.Hostname(), "localhost") {
		a, err = netip.IPv6Loopback(), nil
	}
	if err == nil && s.Reaches != nil && !s.Reaches(a) {
		return fieldInvalid("url", "不允许发往内部或保留地址；运维可用设置 webhooks_private 放行", "is an internal or reserved address, which isn't allowed; whoever operates crmflow may allow it by the setting webhooks_private")
	}
	return nil
}

// deliveryBody is a message to a webhook, and what came of it. Moments are real time.
type deliveryBody struct {
	ID       string     `json:"id" doc:"As webhook-id of every attempt"`
	Type     string     `json:"type" doc:"The event of the entry"`
	Case     string     `json:"case" doc:"Its id"`
	Number   string     `json:"number"`
	Seq      int        `json:"seq" doc:"Of the entry in the timeline"`
	Status   string     `json:"status" enum:"waiting,delivered,failed" doc:"failed: it was tried for three days, and isn't any more"`
	Attempts int        `json:"attempts"`
	Answered *int       `json:"answered" doc:"The HTTP status of the last attempt; null: there was no answer"`
	Why      *string    `json:"why" doc:"What the last attempt came to, when it came to nothing"`
	MadeAt   time.Time  `json:"made_at"`
	TriedAt  *time.Time `json:"tried_at" doc:"The last attempt"`
	NextAt   *time.Time `json:"next_at" doc:"While it waits: not before then"`
}

func (v *visit) delivery(d store.Delivery) deliveryBody {
	body := deliveryBody{
		ID: d.MessageID(), Type: d.Event, Case: d.CaseID, Number: d.Number, Seq: d.Seq, Status: d.Status, Attempts: d.Tries, Answered: d.Answered,
		MadeAt: v.at(d.Made), TriedAt: v.atOrNil(d.Tried),
	}
	if d.Status == store.DeliveryWaiting {
		body.NextAt = v.atOrNil(&d.Due)
	}
	if !d.Why.V.Empty() {
		why := v.text(d.Why.V)
		body.Why = &why
	}
	return body
}

func (s *Server) listDeliveries(ctx context.Context, v *visit, in *struct {
	IDInput
	PageInput
}) (*struct{ Body list[deliveryBody] }, error) {
	page, err := in.numbered("deliveries", 64)
	if err != nil {
		return nil, err
	}
	if _, err := s.db.Webhook(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, next, err := s.db.Deliveries(ctx, in.ID, page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[deliveryBody] }{listOf("deliveries", rows, next, v.delivery)}, nil
}
