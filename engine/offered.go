package engine

import (
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// As makes the viewer somebody's: its tasks offer what they may do.
func (v *Viewer) As(user string, admin bool) *Viewer {
	v.user, v.admin = user, admin
	return v
}

// offered is what whoever looks may do with a task now.
func (v caseViewer) offered(t store.TaskRow) []string {
	acts := []string{}
	if t.Kind == store.KindCopy {
		if t.Status == store.TaskOpen && str(t.Assignee) == v.user {
			acts = append(acts, "read")
		}
		return acts
	}
	if v.user == "" || v.p.Step(t.Step) == nil || t.Kind == "held" {
		return acts
	}
	in := process.Input{Process: v.p, State: v.st, Record: v.record, Directory: v.dir, Calendars: v.cals}
	if t.Status == store.TaskClosed { // one's own answer may be taken back
		in.Fresh = decodeFresh(v.row.Fresh)
	}
	for _, act := range process.Offered(in, t.ID, v.user, v.admin) {
		acts = append(acts, string(act))
	}
	if t.Status == store.TaskOpen && v.mayUrge(t.ID) {
		acts = append(acts, "urge")
	}
	return acts
}

// caseActions are what the initiator, and what an administrator, may do with the case now.
func (v caseViewer) caseActions() (initiator, admin []string) {
	initiator, admin = []string{}, []string{}
	switch {
	case v.row.Status == process.Ended:
		return initiator, admin
	case isLost(v.p): // until it is there again
		return initiator, append(admin, string(process.EventCancel))
	}
	if v.row.Status == process.Running {
		initiator = append(initiator, string(process.EventWithdraw))
		admin = append(admin, string(process.EventSuspend), string(process.EventJump))
	}
	if v.row.Status == process.Suspended || v.st.Held != nil {
		admin = append(admin, string(process.EventResume))
	}
	admin = append(admin, string(process.EventCancel))
	if v.newer() {
		admin = append(admin, string(process.EventMigrate))
	}
	return initiator, admin
}

// besideActions is what whoever looks may do with the case beside the machine.
func (v caseViewer) besideActions() []string {
	if v.user == "" {
		return nil
	}
	acts := []string{"comments"}
	if v.mayUrge("") {
		acts = append(acts, "urge")
	}
	if v.mayRevoke() {
		acts = append(acts, "revoke")
	}
	in := process.Input{Process: v.p, State: v.st, Record: v.record, Directory: v.dir, Calendars: v.cals}
	if _, _, refusal := process.CopyAt(in, v.user, v.admin); refusal == nil {
		acts = append(acts, "copy")
	}
	return acts
}
