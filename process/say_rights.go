package process

import (
	"maps"
	"slices"
	"strings"
)

// whoseText are the words of rights, of records.
var whoseText = map[string]Text{
	SeeMine:       {ZH: "自己负责的", EN: "their own"},
	SeeMyCases:    {ZH: "自己参与办理的", EN: "those of cases that they take part in"},
	SeeDepartment: {ZH: "本部门的人负责的", EN: "those of the people in their department"},
	SeeBelow:      {ZH: "本部门及下级部门的人负责的", EN: "those of the people in their department and below it"},
	SeeAll:        {ZH: "全部", EN: "all"},
}

// Say reads the rights aloud in a language ("zh" or "en"), a line each: whom a grant is for, and indented below it what it lets them do. Types and processes go
// by the titles of a library. Every sentence is true of what [Rights.Of] comes to.
func (r *Rights) Say(lang string, names Namer, types map[string]*RecordType, processes map[string]*Process) []string {
	t := &teller{lang: lang, names: names}
	var lines []string
	for _, g := range r.Grants {
		lines = append(lines, t.principal(g.Who))
		for _, id := range slices.Sorted(maps.Keys(g.Records)) {
			lines = append(lines, "  - "+t.recordRight(titleOfType(types, id), types[id], g.Records[id]))
		}
		for _, id := range slices.Sorted(maps.Keys(g.Processes)) {
			title := Same(id)
			if p := processes[id]; p != nil {
				title = p.Title
			}
			lines = append(lines, "  - "+t.caseRight(title, g.Processes[id]))
		}
	}
	return append(lines, t.s("这里提到的记录和事项，除此之外只有管理员能看、能改。参与办理的人总能看到该事项，以及自己那一步的表单。没有提到的，按内置规则。",
		"Of the records and cases named here nobody sees or changes more than that, except administrators. Who takes part in a case always sees the case, and their own step's form. What isn't named goes by the built-in rule."))
}

func titleOfType(types map[string]*RecordType, id string) Text {
	if t := types[id]; t != nil {
		return t.Title
	}
	return Same(id)
}

func (t *teller) recordRight(title Text, typ *RecordType, r RecordRights) string {
	parts := []string{t.sees(r.See)}
	if r.Create {
		parts = append(parts, t.s("可以新建", "may make new ones"))
	}
	if len(r.Change) > 0 {
		parts = append(parts, t.s("能改%s", "change %s", t.whose(r.Change)))
	}
	var hidden []string
	for _, name := range r.Hide {
		hidden = append(hidden, t.label(typ, name))
	}
	if len(hidden) > 0 {
		parts = append(parts, t.s("看不到其中的%s", "don't see %s in them", t.all(hidden)))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Mask)) {
		parts = append(parts, t.s("其中的%s显示成 %s 的样子", "see %s in them as %s", t.label(typ, name), r.Mask[name]))
	}
	return t.s("%s：%s。", "%s: they %s.", title, strings.Join(parts, t.s("；", ", ")))
}

func (t *teller) caseRight(title Text, r CaseRights) string {
	parts := []string{t.sees(r.See)}
	if len(r.See) == 0 {
		parts = nil
	}
	if r.Start {
		parts = append(parts, t.s("可以发起", "may start it"))
	}
	if len(parts) == 0 {
		return t.s("流程“%s”：没有权限。", "The process “%s”: nothing.", title)
	}
	return t.s("流程“%s”的事项：%s。", "Cases of the process “%s”: they %s.", title, strings.Join(parts, t.s("；", ", ")))
}

func (t *teller) sees(words []string) string {
	if len(words) == 0 {
		return t.s("看不到", "see none")
	}
	return t.s("能看%s", "see %s", t.whose(words))
}

func (t *teller) whose(words []string) string {
	var said []string
	for _, w := range words {
		said = append(said, whoseText[w].In(t.lang))
	}
	return t.all(said)
}

func (t *teller) label(typ *RecordType, name string) string {
	if typ != nil && typ.Field(name) != nil {
		return typ.Field(name).Label().In(t.lang)
	}
	return name
}
