package scenario

import (
	"slices"

	"github.com/crmflow/crmflow/process"
)

// revoke is somebody who wants an approved case undone. Where others must agree, the first `revoke` asks them, and it is undone when one of them
// says the same; it says whether that is now.
func (w *world) revoke(d *doLine, c *running) bool {
	rule := c.process.Revoke
	no := func(code process.Code, zh, en string) bool {
		w.refusal = &refusal{d.node, process.Refuse(code, zh, en)}
		return false
	}
	switch {
	case rule == nil:
		return no(process.CodeForbidden, "此流程不能撤销", "this process can't be revoked")
	case c.state.Status != process.Ended:
		return no(process.CodeFieldInvalid, "该事项还没有结束：请撤回", "this case runs still: withdraw it")
	case rule.Within != nil && w.now.After(w.calendar().Due(c.endedAt, *rule.Within).Due):
		return no(process.CodeForbidden, "已超过可以撤销的期限", "the time for revoking is over")
	case c.revoking && w.isAny(c, rule.ApprovedBy, d.as):
		return true
	case !w.isAny(c, rule.By, d.as):
		return no(process.CodeForbidden, "您不能撤销该事项", "you may not revoke this case")
	case len(rule.ApprovedBy) == 0:
		return true
	}
	c.revoking = true
	var to []string
	for id := range w.company.people {
		if w.isAny(c, rule.ApprovedBy, id) {
			to = append(to, id)
		}
	}
	slices.Sort(to)
	w.entries = append(w.entries, entry{process.Entry{At: w.now, Event: "revoke", By: d.as, Comment: d.comment, Data: map[string]any{"to": to}}, c})
	w.messages = append(w.messages, message{process.Tell{To: to, About: "revoke", Text: c.process.Title, At: w.now}, c})
	return false
}

// isAny says whether somebody is one of those whom entries of `by` name for a case.
func (w *world) isAny(c *running, list []process.By, id string) bool {
	return slices.ContainsFunc(list, func(by process.By) bool { return w.isOne(c, by, id) })
}

func (w *world) isOne(c *running, by process.By, id string) bool {
	switch by.Kind {
	case process.ByInitiator:
		return id == c.state.Initiator
	case process.ByField:
		return id == c.record.Fields[by.Of]
	case process.ByHeadOf:
		d, _ := w.company.Department(by.Of)
		return id == d.Head
	case process.ByManagerOf:
		of := c.state.Initiator
		if by.Of != "initiator" {
			of, _ = c.record.Fields[by.Of].(string)
		}
		return id != "" && id == w.company.manager(of)
	}
	return slices.Contains(w.company.Members(process.Principal(string(by.Kind)+":"+by.Of)), id)
}
