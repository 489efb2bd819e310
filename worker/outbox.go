package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/workflows"
)

const (
	drainBatch = 100
	drainAgain = 10 * time.Second // until a row that couldn't be sent, or whose worker died, is tried again
	callTime   = 5 * time.Second  // of one call to Temporal
)

// drain sends what the servers couldn't: rows that have been in the outbox for longer than a server needs.
func (r *runner) drain(ctx context.Context) error {
	for {
		now := time.Now()
		rows, err := r.DB.TakeOutbox(ctx, store.TopicCase, now, now.Add(drainAgain), drainBatch)
		if err != nil {
			return err
		}
		arrived, sendErr := r.sendAll(ctx, rows)
		if len(arrived) > 0 {
			if err := r.DB.DeleteOutbox(ctx, store.TopicCase, arrived); err != nil {
				return err
			}
		}
		if sendErr != nil || len(rows) < drainBatch {
			return sendErr
		}
	}
}

// deliver carries out what happened to records, and what cases ask of cases, as far as the servers couldn't.
func (r *runner) deliver(ctx context.Context) error {
	for _, topic := range []string{store.TopicRecord, store.TopicCall} {
		if err := r.deliverAll(ctx, topic); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) deliverAll(ctx context.Context, topic string) error {
	now := time.Now()
	rows, err := r.DB.TakeOutbox(ctx, topic, now, now.Add(drainAgain), drainBatch)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := r.Engine.Deliver(ctx, row); err != nil {
			if errors.Is(err, store.ErrUnavailable) && !errors.Is(err, engine.ErrNewerFormat) {
				return err
			}
			slog.Error("worker: what must reach a case can't; it is tried again", "topic", topic, "key", row.Key, "error", err)
		}
	}
	return nil
}

// sendAll sends rows in order until Temporal fails.
func (r *runner) sendAll(ctx context.Context, rows []store.OutboxRow) ([]store.Arrived, error) {
	var arrived []store.Arrived
	for _, row := range rows {
		var s engine.Signal
		if err := json.Unmarshal(row.Payload, &s); err != nil {
			slog.Error("worker: an outbox row can't be read; it is left", "key", row.Key, "error", err)
			continue
		}
		s.Starts, s.Urgent = row.Starts, row.Urgent // of every change that the row stands for, not only of the last
		call, cancel := context.WithTimeout(ctx, callTime)
		err := workflows.Tell(call, r.Temporal, s)
		cancel()
		if err != nil && !errors.Is(err, workflows.ErrNobodyHears) { // the row says that no start is on its way: there is nobody left to tell
			return arrived, fmt.Errorf("worker: tell %s: %w", s.Workflow, err)
		}
		arrived = append(arrived, store.Arrived{Key: row.Key, Seq: row.Seq})
	}
	return arrived, nil
}

const (
	cleanBatch  = 5000
	keepRepairs = 90 * 24 * time.Hour // how long it is remembered what a sweep has put right
)

// clean forgets request keys, sessions and browsers that have expired, and old repairs.
func (r *runner) clean(ctx context.Context) error {
	now := time.Now()
	for {
		keys, err := r.DB.DeleteOldKeys(ctx, now, cleanBatch)
		if err != nil {
			return err
		}
		sessions, err := r.DB.DeleteOldSessions(ctx, now, cleanBatch)
		if err != nil {
			return err
		}
		devices, err := r.DB.DeleteOldDevices(ctx, now, cleanBatch)
		if err != nil {
			return err
		}
		repairs, err := r.DB.DeleteOldRepairs(ctx, now.Add(-keepRepairs), cleanBatch)
		if err != nil || max(keys, sessions, devices, repairs) < cleanBatch {
			return err
		}
	}
}
