package engine

import (
	"fmt"
	"strings"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Locked says of each field of a record that nobody may change now why not: it is worked out, a process keeps it to itself, or an open approval looks at it.
// It says beforehand what [Engine.ChangeRecord] refuses.
func (v *Viewer) Locked(r store.RecordRow) ([]process.FieldError, error) {
	typ := v.lib.Types[r.Type]
	if typ == nil {
		return nil, fmt.Errorf("engine: record type %s is not published", r.Type)
	}
	cases, err := v.e.db.OpenCasesOf(v.ctx, r.ID)
	if err != nil {
		return nil, err
	}
	locked, editable := map[string]string{}, map[string]bool{}
	for _, c := range cases {
		if err := v.e.watch(v.ctx, v.e.db, v.lib, c, locked, editable); err != nil {
			return nil, err
		}
	}
	var why []process.FieldError
	for i := range typ.Fields {
		f := &typ.Fields[i]
		because, closed := v.closed(typ, f)
		if !closed && locked[f.Name] != "" && !editable[f.Name] {
			because, closed = underApproval(f, locked[f.Name]), true
		}
		if closed {
			why = append(why, process.FieldError{Field: f.Name, Message: because})
		}
	}
	return why, nil
}

// closed says why people may never change a field.
func (v *Viewer) closed(typ *process.RecordType, f *process.Field) (process.Text, bool) {
	if f.Is != nil {
		return process.Text{ZH: "由系统算出", EN: "worked out by the system"}, true
	}
	for _, o := range typ.ChangedOnlyBy {
		if o.Field == f.Name && o.Value == "" {
			var zh, en []string
			for _, id := range o.Processes {
				title := process.Same(id)
				if p := v.lib.Processes[id]; p != nil {
					title = p.Title
				}
				zh, en = append(zh, title.In("zh")), append(en, title.In("en"))
			}
			return process.Text{ZH: ownedBy(strings.Join(zh, "、")).ZH, EN: ownedBy(strings.Join(en, ", ")).EN}, true
		}
	}
	return process.Text{}, false
}

func ownedBy(processes string) process.Text {
	return process.Text{ZH: "只能通过流程修改：" + processes, EN: "only these processes may change it: " + processes}
}

func underApproval(f *process.Field, number string) process.Text {
	return process.Text{
		ZH: fmt.Sprintf("“%s”正在审批中（%s），不能修改", f.Label().In("zh"), number),
		EN: fmt.Sprintf("%s is under approval (%s) and can't be changed now", f.Label().In("en"), number)}
}
