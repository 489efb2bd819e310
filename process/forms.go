package process

import (
	"fmt"
	"strings"
)

// forms are the forms of `by`: each finds who it names now and says why, a seat each. In `of` the names of items are replaced already.
var forms map[ByKind]func(m *machine, by By, of string, at place) []found

func init() {
	// Set here because some forms hold others.
	forms = map[ByKind]func(*machine, By, string, place) []found{
		ByInitiator:  (*machine).byInitiator,
		ByHolder:     (*machine).byHolder,
		ByAssignee:   (*machine).byHolder,
		ByManagerOf:  (*machine).byManager,
		ByManagersOf: (*machine).byManagers,
		ByHeadOf:     (*machine).byHead,
		ByInChargeOf: (*machine).byInCharge,
		ByRole:       (*machine).byRole,
		ByDepartment: (*machine).byDepartment,
		ByGroup:      (*machine).bySet,
		ByPosition:   (*machine).bySet,
		ByUser:       (*machine).byUser,
		ByField:      (*machine).byField,
		ByActorOf:    (*machine).byActor,
		ByPickedBy:   (*machine).byPick,
		ByOutside:    (*machine).byOutside,
		ByCel:        (*machine).byCel,
	}
}

// find resolves one entry of `by`: at least one result, which may be nobody. Inactive people are nobody, unless somebody has taken their place.
func (m *machine) find(by By, at place) []found {
	of := by.Of
	switch name, item := strings.CutPrefix(of, "$"); {
	case by.Column != nil:
		v, ok := m.value(at.scope, m.opening(at), by.Column)
		if !ok {
			return []found{{held: true}}
		}
		if of, _ = v.(string); of == "" {
			return nobody(by.Column.Source+" 是空的", by.Column.Source+" is empty")
		}
	case item:
		of = m.itemText(at.scope, name)
	}
	all := forms[by.Kind](m, by, of, at)
	for i := range all {
		if !(people{m.in.Directory}).active(all[i].person) {
			all[i] = m.inPlace(all[i])
		}
	}
	return all
}

// inPlace is who has taken the place of somebody who has left; nobody when no one has.
func (m *machine) inPlace(f found) found {
	to, taken := m.substitute(f.person)
	if f.person == "" || !taken || to == "" {
		f.person = ""
		return f
	}
	name := m.name(f.person)
	f.person, f.why = to, Text{ZH: f.why.In("zh") + "；接替离职的 " + name.In("zh"), EN: f.why.In("en") + "; takes over from " + name.In("en") + ", who has left"}
	return f
}

func one(id, zh, en string) []found {
	return []found{{person: id, why: Text{ZH: zh, EN: en}}}
}

func nobody(zh, en string) []found { return one("", zh, en) }

func (m *machine) byInitiator(_ By, _ string, _ place) []found {
	return one(m.starter(), "发起人", "the initiator")
}

func (m *machine) byHolder(_ By, _ string, at place) []found { return []found{m.holder(at.seat)} }

// holder is who has a seat's task now.
func (m *machine) holder(seat *Seat) found {
	f := found{why: Text{ZH: "当前办理人", EN: "who has the task"}}
	if seat != nil {
		f.person, f.candidates = seat.Assignee, seat.Candidates
		if f.person != "" {
			f.candidates = nil
		}
	}
	return f
}

// below is the person whose managers are meant, and what they are called; "" where there is nobody.
func (m *machine) below(by By, of string, at place) (id string, called Text) {
	switch {
	case by.Column != nil || strings.HasPrefix(by.Of, "$"):
		id, called = of, Text{}
	case of == "initiator":
		id, called = m.starter(), Text{ZH: "发起人", EN: "the initiator"}
	case of == "assignee" || of == "holder":
		id, called = m.holder(at.seat).person, Text{ZH: "当前办理人", EN: "the holder"}
	default:
		called = m.titleOf(of)
		if ids := m.persons(of); len(ids) > 0 {
			id = ids[0]
		}
	}
	name := m.name(id)
	return id, Text{ZH: strings.TrimSpace(called.In("zh") + " " + name.In("zh")), EN: strings.TrimSpace(called.In("en") + " " + name.In("en"))}
}

// byManager finds who stands above the initiator, the holder, or the person in a field.
func (m *machine) byManager(by By, of string, at place) []found {
	d := people{m.in.Directory}
	id, called := m.below(by, of, at)
	if id == "" && (of == "assignee" || of == "holder") {
		id = d.aboveUnclaimed(m.holder(at.seat).candidates)
		return one(id, "上级主管（任务还没有人领取）", "the manager (nobody has taken the task)")
	}
	return one(d.managerOf(id), "上级主管（"+called.ZH+" 的上级）", "the manager of "+called.EN)
}

// byManagers finds the managers above somebody, a seat each.
func (m *machine) byManagers(by By, of string, at place) []found {
	id, called := m.below(by, of, at)
	row, reached := (people{m.in.Directory}).row(id, *by.UpTo)
	var out []found
	for i, manager := range row {
		why := Text{ZH: fmt.Sprintf("第 %d 级主管（%s 的逐级上级）", i+1, called.ZH), EN: fmt.Sprintf("manager %d above %s", i+1, called.EN)}
		if !reached {
			role := m.setText(ByRole, by.UpTo.Role)
			why.ZH += "；上面没有人有" + role.ZH + "，所以一直到最高一级"
			why.EN += "; nobody above has the " + role.EN + ", so it goes to the top"
		}
		out = append(out, found{person: manager, why: why})
	}
	if len(out) == 0 {
		return nobody(called.ZH+" 的上面没有主管", "no manager above "+called.EN)
	}
	if by.Down {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}

func (m *machine) byHead(_ By, of string, _ place) []found {
	d := people{m.in.Directory}
	name := m.departmentName(of)
	return one(d.nearestActive(d.headAbove(of, "")), "部门负责人（"+name.In("zh")+"）", "the head of "+name.In("en"))
}

func (m *machine) byInCharge(_ By, of string, _ place) []found {
	name := m.departmentName(of)
	return one((people{m.in.Directory}).inCharge(of), "分管领导（"+name.In("zh")+"）", "in charge of "+name.In("en"))
}

func (m *machine) departmentName(id string) Text {
	if d, ok := m.in.Directory.Department(id); ok && !d.Name.Empty() {
		return d.Name
	}
	return Same(id)
}

// setWords are the sorts of sets of people.
var setWords = map[ByKind]Text{ByRole: {ZH: "角色", EN: "role"}, ByGroup: {ZH: "用户组", EN: "group"}, ByPosition: {ZH: "职位", EN: "position"}}

// setText words a set of people by what the company calls it: role “Sales director”; by its id where it has no name.
func (m *machine) setText(sort ByKind, id string) Text {
	words, name := setWords[sort], m.in.Directory.Called(Principal(string(sort)+":"+id))
	if sort == ByRole {
		id, _, _ = HeldRole(id)
	}
	if name.Empty() || name == Same(id) {
		return Text{ZH: words.ZH + " " + id, EN: words.EN + " " + id}
	}
	return Text{ZH: words.ZH + "“" + name.In("zh") + "”", EN: words.EN + " “" + name.In("en") + "”"}
}

func (m *machine) byDepartment(_ By, of string, _ place) []found {
	name := m.departmentName(of)
	return set(ByDepartment, of, Text{ZH: "部门 " + name.In("zh"), EN: "department " + name.In("en")})
}

func (m *machine) bySet(by By, of string, _ place) []found {
	return set(by.Kind, of, m.setText(by.Kind, of))
}

func set(sort ByKind, id string, why Text) []found {
	if id == "" {
		return []found{{why: why}}
	}
	return []found{{candidates: []Principal{Principal(string(sort) + ":" + id)}, why: why}}
}

func (m *machine) byUser(_ By, of string, _ place) []found {
	return one(of, "由流程指定", "named by the chain")
}

// byField finds the persons in a field of the record, a seat each.
func (m *machine) byField(_ By, of string, _ place) []found {
	title := m.titleOf(of)
	if of == "owner" && title == Same(of) {
		return m.seatEach(m.persons(of), Text{ZH: "记录的负责人", EN: "the record's owner"})
	}
	return m.seatEach(m.persons(of), Text{ZH: "记录的“" + title.In("zh") + "”", EN: "the record's " + title.In("en")})
}

// persons are the people in a field; every record has an owner, whether its type has such a field or not.
func (m *machine) persons(field string) []string {
	v, ok := m.record.Fields[field]
	if !ok && field == "owner" {
		v = m.record.Owner
	}
	return idsIn(v)
}

// titleOf is what people call a field of the record.
func (m *machine) titleOf(field string) Text {
	if f := m.p.Type.Field(field); f != nil {
		return f.Label()
	}
	return Same(field)
}

// idsIn are the ids in a value: one, or several.
func idsIn(v any) []string {
	switch v := v.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case []any:
		var ids []string
		for _, x := range v {
			ids = append(ids, idsIn(x)...)
		}
		return ids
	}
	return nil
}

// seatEach makes a seat for each person; nobody where there are none.
func (m *machine) seatEach(ids []string, why Text) []found {
	if len(ids) == 0 {
		return []found{{why: why}}
	}
	var out []found
	for _, id := range ids {
		out = append(out, found{person: id, why: why})
	}
	return out
}

func (m *machine) byActor(_ By, of string, at place) []found {
	title := Same(of)
	if s := m.p.Step(of); s != nil && !s.Title.Empty() {
		title = s.Title
	}
	who := ofItem(m.st.Actors, of, m.item(at.scope))
	if name, outside := OutsideName(who); outside { // nothing but an answer can be asked of them
		return nobody("步骤“"+title.In("zh")+"”由"+name.In("zh")+"答复，没有账号", name.In("en")+" did the step “"+title.In("en")+"”, and has no account")
	}
	return one(who, "步骤“"+title.In("zh")+"”的办理人", "who did the step “"+title.In("en")+"”")
}

// byCel finds whom an expression names, a seat each.
func (m *machine) byCel(by By, _ string, at place) []found {
	v, ok := m.value(at.scope, m.opening(at), by.Cel)
	if !ok {
		return []found{{held: true}}
	}
	return m.seatEach(idsIn(v), Text{ZH: "按 " + by.Cel.Source + " 确定", EN: "named by " + by.Cel.Source})
}

// opening is the step that is being opened at a place, which is entered again when the case is held there; nil for a seat that is open.
func (m *machine) opening(at place) *Step {
	if at.scope == 0 || at.seat != nil {
		return nil
	}
	return m.p.Step(m.scope(at.scope).At)
}
