package engine

import (
	"context"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// CopyCommand copies a case to people by hand, as sent.
type CopyCommand struct {
	Case    string
	To      []string // user ids
	Comment string
}

// Copy puts a case into people's copied box, with the right to read what the copier's own step shows (see [process.CopyAt]). It holds nothing up, and
// is taken whatever became of the case. Refusals: not_found; forbidden; field_required (nobody named); field_invalid (somebody who has left).
func (e *Engine) Copy(ctx context.Context, r Request, c CopyCommand) (Answer, error) {
	return noted(ctx, e, r, lockCaseByID(ctx, c.Case), func(n *change) (Answer, error) {
		step, item, refusal := process.CopyAt(n.in, r.Caller, r.Admin)
		if refusal != nil {
			return Answer{}, refusal
		}
		if len(c.To) == 0 {
			return Answer{}, fieldsRefused(process.CodeFieldRequired, []process.FieldError{{Field: "to", Message: process.Text{ZH: "请选择抄送给谁", EN: "say to whom"}}})
		}
		to, err := n.activePeople("to", c.To)
		if err != nil {
			return Answer{}, err
		}
		n.copyByHand(step, item, to, plain(c.Comment))
		return Answer{Case: n.view(n.row, n.in.State).caseView()}, nil
	})
}

// copyByHand gives each person a copy, says from whom and why, and tells them.
func (c *change) copyByHand(step, item string, to []string, comment string) {
	title, name, why := c.in.Process.Title, c.nameOf(c.Caller), process.Text{}
	if s := c.in.Process.Step(step); s != nil {
		title = s.Title
	}
	if begins := excerpt(comment); begins != "" {
		why = process.Text{ZH: "：" + begins, EN: ": " + begins}
	}
	c.log(process.Entry{At: c.at, Event: "told", Step: step, Item: item, By: c.Caller, Comment: comment, Data: map[string]any{"to": to, "copy": "by_hand"}})
	for _, id := range to {
		t := c.taskRow(process.Task{ID: newID(c.real), Step: step, Item: item, Round: 1, Kind: store.KindCopy, Title: title, Assignee: id, OpenedAt: c.at,
			Why: process.Text{ZH: name.In("zh") + "抄送给您，无需办理" + why.ZH, EN: name.In("en") + " sent you a copy; nothing to do" + why.EN}})
		c.put(t)
		c.tell(process.Tell{To: []string{id}, About: "copied", Task: t.ID, Step: step, At: c.at, Text: c.aboutCase(process.Text{
			ZH: name.In("zh") + "抄送给您：" + title.In("zh") + why.ZH, EN: name.In("en") + " sent you a copy: " + title.In("en") + why.EN})})
	}
}
