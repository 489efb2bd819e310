package worker

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/crmflow/crmflow/activities"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/systems"
)

const (
	collectBatch   = 1000
	hookBatch      = 16                 // messages taken for one webhook at once
	hookAtOnce     = 4                  // of one worker to one webhook
	hookAgain      = 2 * time.Minute    // until messages whose worker died are sent again: longer than a batch takes
	hookWithin     = 3 * 24 * time.Hour // after which a message is given up, and a webhook that took none is switched off
	hookMostAfter  = 24 * time.Hour     // the longest Retry-After that is kept to
	hookTime       = 30 * time.Second   // of one message, with what is noted of it
	keepDeliveries = 7 * 24 * time.Hour // how long it is remembered what was delivered
)

// hookPauses are the pauses after attempts that came to nothing; the last one again and again.
var hookPauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}

func hookPause(tries int) time.Duration { return hookPauses[min(max(tries, 0), len(hookPauses)-1)] }

// hooks sends webhooks what happened in cases. It has nothing to do with decisions: what they write to the timeline is read after their commit.
type hooks struct {
	*runner
	mu   sync.Mutex
	busy map[string]bool // webhooks that are being sent to
	all  sync.WaitGroup
}

func newHooks(r *runner) *hooks { return &hooks{runner: r, busy: map[string]bool{}} }

// run works until the context ends.
func (h *hooks) run(ctx context.Context) {
	defer h.all.Wait()
	every(ctx, h.Drain, "webhooks", h.look)
}

// look notes what webhooks are to hear, and sends to each by itself, so that a slow one delays nobody.
func (h *hooks) look(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = h.DB.CollectDeliveries(ctx, time.Now(), collectBatch); err != nil {
			return err
		}
	}
	due, err := h.DB.WebhooksDue(ctx, time.Now())
	for _, id := range due {
		if h.enter(id) {
			h.all.Go(func() {
				defer h.leave(id)
				if err := h.sendAll(ctx, id); err != nil && ctx.Err() == nil {
					slog.Warn("worker: a webhook will be tried again", "webhook", id, "error", err)
				}
			})
		}
	}
	return err
}

func (h *hooks) enter(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy[id] {
		return false
	}
	h.busy[id] = true
	return true
}

func (h *hooks) leave(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.busy, id)
}

// sendAll sends a webhook what is due, until nothing is. While nothing arrives there, one message at a time knocks.
func (h *hooks) sendAll(ctx context.Context, id string) error {
	for ctx.Err() == nil {
		w, err := h.DB.Webhook(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil || w.Paused(time.Now()) {
			return err
		}
		most := hookBatch
		if w.Failing() {
			most = 1
		}
		now := time.Now()
		taken, err := h.DB.TakeDeliveries(ctx, id, now, now.Add(hookAgain), most)
		if err != nil || len(taken) == 0 {
			return err
		}
		var group errgroup.Group
		group.SetLimit(hookAtOnce)
		for _, d := range taken {
			group.Go(func() error { return h.one(ctx, d) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// one sends a message and notes what came of it. The webhook is read for each: what was deleted, switched off or given another address meanwhile isn't used.
func (h *hooks) one(ctx context.Context, d store.Delivery) error {
	kept, cancel := context.WithTimeout(context.WithoutCancel(ctx), hookTime) // what was sent is noted, though the worker is being stopped
	defer cancel()
	w, err := h.DB.Webhook(kept, d.Webhook)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil || w.Paused(time.Now()) || ctx.Err() != nil {
		return errors.Join(err, h.DB.GiveBackDelivery(kept, d))
	}
	receipt, err := h.post(ctx, w, d)
	if err != nil {
		return err
	}
	if receipt.Why.Empty() {
		err := h.DB.Delivered(kept, d, time.Now(), receipt.Status)
		if w.Fails > 0 {
			err = errors.Join(err, h.DB.WebhookWorks(kept, w.ID))
		}
		return err
	}
	if ctx.Err() != nil { // the worker was stopped in the middle of it
		return h.DB.GiveBackDelivery(kept, d)
	}
	return h.failed(kept, d, receipt)
}

// post makes one attempt.
func (h *hooks) post(ctx context.Context, w store.Webhook, d store.Delivery) (systems.Receipt, error) {
	zone, err := h.Engine.Zone(ctx)
	if err != nil {
		return systems.Receipt{}, err
	}
	body, header, err := activities.WebhookMessage(d, w.Secret, time.Now(), zone)
	if err != nil {
		return systems.Receipt{}, err
	}
	return h.Hooks.Post(ctx, w.URL, header, body), nil
}

// failed notes an attempt that came to nothing. The message is tried again ever later, for days; so is the webhook, once nothing arrives there.
func (h *hooks) failed(ctx context.Context, d store.Delivery, receipt systems.Receipt) error {
	now := time.Now()
	after := min(receipt.After, hookMostAfter)
	var answered *int
	if receipt.Status != 0 {
		answered = &receipt.Status
	}
	givenUp := now.Sub(d.Made) > hookWithin
	if err := h.DB.NotDelivered(ctx, d, now, now.Add(max(hookPause(d.Tries), after)), answered, receipt.Why, givenUp); err != nil {
		return err
	}
	w, err := h.DB.WebhookFails(ctx, d.Webhook, now, receipt.Why)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if receipt.Status == http.StatusGone || now.Sub(*w.Since) > hookWithin {
		return h.turnOff(ctx, w, d, receipt)
	}
	if w.Failing() && after == 0 {
		after = hookPause(w.Fails - store.FailsInARow)
	}
	if after == 0 {
		return nil
	}
	return h.DB.PauseWebhook(ctx, w.ID, now.Add(after))
}

// turnOff switches a webhook off, and tells the administrators.
func (h *hooks) turnOff(ctx context.Context, w store.Webhook, d store.Delivery, receipt systems.Receipt) error {
	now := time.Now()
	at, err := h.Engine.Business(ctx, now)
	if err != nil {
		return err
	}
	told, err := h.DB.TurnOffWebhook(ctx, w.ID, d.CaseID, now, at, activities.WebhookOff(w, receipt))
	if err != nil || len(told) == 0 {
		return err
	}
	slog.Error("worker: a webhook was switched off", "webhook", w.ID, "why", receipt.Why.EN)
	return h.DB.Tell(ctx, told...)
}

// cleanDeliveries forgets what was delivered long ago, and what is left of webhooks that are no more.
func (r *runner) cleanDeliveries(ctx context.Context) error {
	for {
		n, err := r.DB.DeleteOldDeliveries(ctx, time.Now().Add(-keepDeliveries), cleanBatch)
		if err != nil || n < cleanBatch {
			return err
		}
	}
}
