package engine

import (
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Supply adds to a task's form the fields that the system itself fills in, where the step shows them: it costs a look-up of its own, so lists go without.
func (v *Viewer) Supply(t *TaskView, c store.CaseRow, r store.RecordRow) error {
	cv, err := v.of(c, r)
	if err != nil {
		return err
	}
	s := cv.p.Step(t.Step)
	if s == nil || t.Kind == "held" {
		return nil
	}
	for _, f := range cv.p.Type.Supplied() {
		if s.Form.Show != nil && !slices.Contains(s.Form.Show, f.Name) || slices.Contains(s.Form.Hide, f.Name) {
			continue
		}
		value, err := v.priceHistory(cv.p.Type, cv.record, r) // the only one there is
		if err != nil {
			return err
		}
		t.Form = append(t.Form, FormField{Field: f.Name, Title: f.Title, Type: f.Type, Access: "read", Value: value, Supplied: true, Declared: &f})
	}
	return nil
}

// priceHistory is what the same customer was offered before, the newest first, so that two people never quote two prices.
func (v *Viewer) priceHistory(typ *process.RecordType, quote process.Record, row store.RecordRow) ([]map[string]any, error) {
	history := []map[string]any{}
	customer, ok := quote.Fields["customer"].(process.Reference)
	if !ok {
		return history, nil
	}
	rows, err := v.e.db.Earlier(v.ctx, row, "customer", customer.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		earlier, err := restoreRecord(typ, r)
		if err != nil {
			return nil, err
		}
		history = append(history, map[string]any{"id": r.ID, "number": earlier.Number, "at": r.CreatedAt.In(v.Location()).Format(time.RFC3339),
			"lines": earlier.Fields["lines"], "amount": earlier.Fields["amount"], "status": earlier.Fields["status"], "owner": earlier.Owner})
	}
	return history, nil
}
