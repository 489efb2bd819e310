package scenario

import (
	"slices"

	"github.com/crmflow/crmflow/process"
)

// revoke is somebody who wants an approved case undone. Where others must agree, the first `revoke` asks them, and it is undone when one of them
// says the same; it says whether that is now, and by whom and why it was asked for.
func (w *world) revoke(d *doLine, c *running) (asked *doLine, done bool) {
	in := w.input(c)
	agree := process.Revokers(in, w.now)
	if c.revoking != nil && slices.Contains(agree, d.as) {
		return c.revoking, true
	}
	refused := process.MayRevoke(in, d.as, w.now, c.endedAt)
	if refused == nil && c.revoking != nil {
		refused = process.Refuse(process.CodeAlreadyOpen, "已有人申请撤销该事项", "somebody has asked for this case to be revoked already")
	}
	if refused != nil {
		w.refusal = &refusal{d.node, refused}
		return nil, false
	}
	if len(c.process.Revoke.ApprovedBy) == 0 {
		return d, true
	}
	c.revoking = d
	w.entries = append(w.entries, entry{process.Entry{At: w.now, Event: "revoke", By: d.as, Comment: d.comment, Data: map[string]any{"to": agree}}, c})
	w.messages = append(w.messages, message{process.Tell{To: agree, About: "revoke", Text: c.process.Title, At: w.now}, c})
	return nil, false
}
