package scenario

import (
	"slices"

	"github.com/crmflow/crmflow/process"
)

// copied is a copy of a case that somebody got.
type copied struct {
	of   *running
	to   string
	read bool
}

// What becomes of a copy.
const (
	copyRead   = "read"
	copyUnread = "unread"
)

// copy gives people a copy, and tells them.
func (w *world) copy(c *running, t process.Tell) {
	t.About = "copied"
	w.messages = append(w.messages, message{t, c})
	for _, id := range t.To {
		w.copies = append(w.copies, &copied{of: c, to: id})
	}
}

// read is somebody who has read their copies of a case. Nobody reads what they never got.
func (w *world) read(d *doLine, c *running) {
	got := false
	for _, one := range w.copies {
		if one.of == c && one.to == d.as {
			got, one.read = true, true
		}
	}
	if !got {
		w.refusal = &refusal{d.node, process.Refuse(process.CodeNotFound, "没有抄送给 "+d.as, "nothing was copied to "+d.as)}
		return
	}
	w.entries = append(w.entries, entry{process.Entry{At: w.now, Event: copyRead, By: d.as}, c})
}

// copied says who has got copies, and whether they have read them all.
func (w *world) copied() map[string]string {
	out := map[string]string{}
	for _, one := range slices.Backward(w.copies) {
		switch {
		case !one.read:
			out[one.to] = copyUnread
		case out[one.to] == "":
			out[one.to] = copyRead
		}
	}
	return out
}
