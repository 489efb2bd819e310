package process

import (
	"slices"
	"strings"
)

// maxSeats bounds the seats of one step.
const maxSeats = 100

// opinion says whether a seat's answer goes to whoever added it, and decides nothing.
func (s *Seat) opinion() bool { return s.Added != nil && s.Added.Where == AddedBefore }

// goOn asks whoever's turn it is now in a step that stays open, and lets go of those nobody waits for any more. It gives both, as they were.
func (m *machine) goOn(o *Open, s *Step) (asked, gone []Seat) {
	gone = m.dropNeedless(o)
	return m.askNext(o, s), gone
}

// askNext asks every seat of a step whose turn it is; they stand behind the others then. It gives them as they stood before.
func (m *machine) askNext(o *Open, s *Step) (asked []Seat) {
	for i := 0; i < len(o.Turn); {
		if !o.due(s, &o.Turn[i]) {
			i++
			continue
		}
		seat := o.Turn[i]
		asked = append(asked, seat)
		o.Turn = slices.Delete(o.Turn, i, i+1)
		o.Seats = append(o.Seats, m.asked(o, seat))
		m.openSeat(s, o, &o.Seats[len(o.Seats)-1])
	}
	if len(o.Turn) == 0 {
		o.Turn = nil
	}
	return asked
}

// asked is a seat whose turn has come. Where its people have gone meanwhile, an administrator assigns somebody.
func (m *machine) asked(o *Open, seat Seat) Seat {
	if f := (found{person: seat.Assignee, candidates: seat.Candidates, why: seat.Why}); !seat.Vacant && !m.anyone(f, seat.Excluded) {
		gone := m.vacant(f, seat.Excluded)
		seat.Assignee, seat.Candidates, seat.Vacant, seat.Why = "", gone.Candidates, true, gone.Why
	}
	if seat.Added != nil {
		added := *seat.Added
		added.Waits = false
		seat.Added = &added
	}
	if at := m.at; !at.Equal(o.At) {
		seat.Asked = &at
	}
	return seat
}

// opinionsIn tells whoever waited for opinions that they can go on, once the last is there.
func (m *machine) opinionsIn(o *Open, s *Step, task string) {
	if seat := o.seat(task); seat != nil && seat.Vote == nil && len(o.askedFirst(seat)) == 0 {
		m.tell(m.waitedFor(o, seat), Tell{About: "opened", Task: task, Step: s.ID, Text: prefix(Text{ZH: "意见已回：", EN: "opinions are in: "}, s.Title)})
	}
}

// dropNeedless ends the seats nobody waits for any more, and those added at them.
func (m *machine) dropNeedless(o *Open) (gone []Seat) {
	gone = o.letGo()
	for _, seat := range gone {
		if seat.Task != "" {
			m.voidSeat(*o, seat)
		}
	}
	return gone
}

// letGo takes out of a round whoever nobody waits for any more.
func (o *Open) letGo() (gone []Seat) {
	for {
		i := slices.IndexFunc(o.Seats, func(s Seat) bool { return s.Vote == nil && o.needless(o.seat(s.Task)) })
		if i < 0 {
			break
		}
		seat := o.Seats[i]
		late := o.unconfirmed(&seat)
		gone = append(gone, seat)
		o.Seats = slices.Delete(o.Seats, i, i+1)
		for _, task := range late {
			o.comesLast(task)
		}
	}
	var turn []Seat
	for i := range o.Turn {
		if seat := &o.Turn[i]; seat.Added != nil && seat.Added.Seat != "" && o.needless(seat) {
			gone = append(gone, *seat)
		} else {
			turn = append(turn, *seat)
		}
	}
	o.Turn = turn
	return gone
}

// unconfirmed are the tasks of those who have answered, wait to be confirmed by a seat, at once or through each other, and for whom nobody waits any more either.
func (o *Open) unconfirmed(seat *Seat) (tasks []string) {
	for seat.Added != nil && seat.Added.Where == AddedAfter {
		if seat = o.seat(seat.Added.Seat); seat == nil || seat.Vote == nil || !o.needless(seat) {
			break
		}
		tasks = append(tasks, seat.Task)
	}
	return tasks
}

// comesLast puts a seat behind all others: somebody else has answered for its group before it was confirmed, so its answer doesn't come first any more.
func (o *Open) comesLast(task string) {
	if i := slices.IndexFunc(o.Seats, func(s Seat) bool { return s.Task == task }); i >= 0 {
		seat := o.Seats[i]
		o.Seats = append(slices.Delete(o.Seats, i, i+1), seat)
	}
}

// mayAnswer refuses an answer whose time hasn't come, and one at a seat that is for somebody else.
func (m *machine) mayAnswer(o *Open, seat *Seat) *Refusal {
	if first := o.askedFirst(seat); len(first) > 0 {
		zh, en := m.namesOf(first)
		return Refuse(CodeNotYourTask, "请先等"+zh+"给出意见", "first "+en+" must give an opinion")
	}
	if m.ev.Admin {
		return nil
	}
	return m.mayFill(o, seat)
}

func (m *machine) namesOf(seats []*Seat) (zh, en string) {
	var zhs, ens []string
	for _, s := range seats {
		name := m.name(s.Assignee)
		zhs, ens = append(zhs, name.In("zh")), append(ens, name.In("en"))
	}
	return strings.Join(zhs, "、"), strings.Join(ens, ", ")
}

// checkAnswer checks an answer's form. People who were added comment, agree or refuse: they fill in nothing and return nothing. What an outcome
// needs is asked of them only where their agreement alone may decide the step; elsewhere the step's own people must agree too.
func (m *machine) checkAnswer(o *Open, s *Step, seat *Seat, outcome string) *Refusal {
	switch {
	case seat.Added == nil || !isApproval(s):
		return m.checkForm(o, s, outcome)
	case outcome == Returned:
		return Refuse(CodeUnknownOutcome, "加签的人只能同意或拒绝，不能退回", "people who were added agree or refuse; they can't return it")
	case len(m.ev.Fields) > 0:
		own := *s
		own.Form.Edit = nil
		return fieldsRefused(CodeFieldNotWritable, m.notEditable(&own, outcome))
	case slices.Contains(s.Form.CommentRequired, outcome) && strings.TrimSpace(m.ev.Comment) == "":
		return Refuse(CodeCommentRequired, "请填写理由", "give a reason")
	}
	if decidesAlone(s, seat) {
		return m.checkForm(o, s, outcome)
	}
	return nil
}

// decidesAlone says whether the answer of somebody who was added may close the step, so that it needs what the step's own people give.
func decidesAlone(s *Step, seat *Seat) bool {
	return seat.counts() && (s.Who.Mode == ModeFirst || s.Who.Mode == ModeVotes)
}

// add asks more people at an open step: before, after or beside the seat they are added at.
func (m *machine) add() *Refusal {
	o, seat, refusal := m.actedOn()
	if refusal != nil {
		return refusal
	}
	s := m.p.Step(o.Step)
	if refusal := m.mayAdd(s, seat); refusal != nil {
		return refusal
	}
	if m.ev.Step != "" && m.ev.Step != s.ID {
		return m.addLater(o)
	}
	if refusal := m.addable(s, o.Scope, o.taken()); refusal != nil {
		return refusal
	}
	if refusal := m.addableNow(o); refusal != nil {
		return refusal
	}
	m.takeByActing(o, seat)
	where, at := cmpOr(m.ev.Where, AddedBeside), seat.Task
	data := map[string]any{"people": m.ev.People, "where": where}
	if m.ev.Mode != "" {
		data["mode"] = m.ev.Mode
	}
	m.log(Entry{Event: "added", Step: s.ID, Item: o.Item, Task: seat.Task, By: m.ev.By, Comment: m.ev.Comment, Data: data})
	if where == AddedBeside && !seat.own() {
		// Beside somebody who was added is where that one is asked.
		where, at = seat.Added.Where, seat.Added.Seat
	}
	m.join(o, s, m.ev.People, Added{By: m.ev.By, Where: where, Seat: at, Mode: m.ev.Mode})
	return nil
}

func cmpOr(s, or string) string {
	if s == "" {
		return or
	}
	return s
}

// join adds people to an open step and asks those whose turn it is.
func (m *machine) join(o *Open, s *Step, people []string, added Added) {
	added.Group = m.nextGroup(o)
	seats := m.addedSeats(o.Scope, s, people, added)
	var weighed []*Seat
	for i := range seats {
		weighed = append(weighed, &seats[i])
	}
	if !m.weigh(o.Scope, s, weighed) {
		return
	}
	o.Turn = append(o.Turn, seats...)
	m.askNext(o, s)
}

func (m *machine) addedSeats(scope int, s *Step, people []string, added Added) []Seat {
	excluded := m.keptOut(scope, s)
	by := m.name(added.By)
	if len(people) == 1 {
		added.Mode = ""
	}
	added.Waits = true
	var out []Seat
	for _, id := range people {
		one := added
		f := m.added(id, excluded, Text{ZH: by.In("zh") + "加签", EN: "added by " + by.In("en")})
		out = append(out, Seat{Assignee: f.person, For: f.absent, Excluded: excluded, Added: &one, Why: f.why})
	}
	return out
}

// added is who is asked when somebody is added: whoever stands in for them, where they are away and somebody does.
func (m *machine) added(id string, excluded []string, why Text) found {
	if f := m.standIn(found{person: id, why: why}); f.person != "" && !contains(excluded, f.person) {
		return f
	}
	return found{person: id, why: why}
}

// nextGroup is a number for people who are added together, which nobody has who may be asked again.
func (m *machine) nextGroup(o *Open) int {
	n := 0
	for _, seat := range m.seatsEver(o) {
		if seat.Added != nil {
			n = max(n, seat.Added.Group)
		}
	}
	return n + 1
}

// keptOut are the people who may not be asked at a step: for separation of duties, and the initiator where the step doesn't ask them.
func (m *machine) keptOut(scope int, s *Step) []string {
	out := m.excluded(place{scope: scope}, s)
	if do := s.Who.IfInitiator.Do; (do == "skip" || do == "to") && !contains(out, m.st.Initiator) {
		out = append(out, m.st.Initiator)
		slices.Sort(out)
	}
	return out
}

// mayAdd says whether the event's person may add approvers at a seat. Only an administrator who acts for somebody must give a reason.
func (m *machine) mayAdd(s *Step, seat *Seat) *Refusal {
	if !isApproval(s) {
		return Refuse(CodeUnknownOutcome, "只有审批可以加签；任务可以转交", "approvers are added to approvals only; a task can be transferred")
	}
	if refusal := m.mayAct(seat); refusal != nil {
		return refusal
	}
	if s.Form.May != nil && !slices.Contains(s.Form.May, "add") {
		return Refuse(CodeForbidden, "此步骤不能加签", "nobody can be added at this step")
	}
	return nil
}

// addable checks whom the event adds, where and how: active, asked once, and not kept from the step.
func (m *machine) addable(s *Step, scope int, there []*Seat) *Refusal {
	switch {
	case !slices.Contains([]string{"", AddedBefore, AddedAfter, AddedBeside}, m.ev.Where):
		return invalid("where", "加签的位置可以是 before（我之前）、after（我之后）、beside（一起）", "people are added before, after or beside")
	case !slices.Contains([]string{"", ModeFirst, ModeAll, ModeInTurn}, m.ev.Mode):
		return invalid("mode", "加签几个人时可以是 first（或签）、all（会签）、in_turn（依次）", "several people are asked first, all or in_turn")
	case len(m.ev.People) == 0:
		return invalid("people", "请选择要加签的人", "say whom to add")
	case len(there)+len(m.ev.People) > maxSeats:
		return invalid("people", "一个步骤的人太多了", "too many people at one step")
	}
	excluded := m.keptOut(scope, s)
	for i, id := range m.ev.People {
		name := m.name(id)
		switch {
		case !(people{m.in.Directory}).active(id):
			return invalid("people", "找不到在职人员“"+id+"”", "there is no active person "+id)
		case slices.Contains(m.ev.People[:i], id) || slices.ContainsFunc(there, func(s *Seat) bool { return m.sits(s, id) }):
			return invalid("people", name.In("zh")+"已在此步骤的办理人之中", name.In("en")+" is asked at this step already")
		case contains(excluded, id):
			return invalid("people", name.In("zh")+"不能办理此步骤（职责分离，或是发起人）", name.In("en")+" is kept from this step: separation of duties, or the initiator")
		}
	}
	return nil
}

// addableNow checks that whoever is away has somebody who stands in for them and who isn't asked there already.
func (m *machine) addableNow(o *Open) *Refusal {
	var asked []string
	for _, id := range m.ev.People {
		f := m.standIn(found{person: id})
		switch name := m.name(id); {
		case f.person == "":
			return invalid("people", name.In("zh")+" 不在，也没有人代理", name.In("en")+" is away and nobody stands in")
		case contains(m.keptOut(o.Scope, m.p.Step(o.Step)), f.person):
			return invalid("people", "代"+name.In("zh")+"办理的"+m.name(f.person).In("zh")+"不能办理此步骤（职责分离，或是发起人）",
				m.name(f.person).In("en")+", who stands in for "+name.In("en")+", is kept from this step: separation of duties, or the initiator")
		case contains(asked, f.person) || slices.ContainsFunc(o.taken(), func(s *Seat) bool { return m.sits(s, f.person) }):
			return invalid("people", name.In("zh")+" 不在，代理人"+m.name(f.person).In("zh")+"已在此步骤的办理人之中",
				name.In("en")+" is away, and "+m.name(f.person).In("en")+", who stands in, is asked at this step already")
		}
		asked = append(asked, f.person)
	}
	return nil
}

func invalid(field, zh, en string) *Refusal {
	return fieldsRefused(CodeFieldInvalid, []FieldError{{Field: field, Message: Text{ZH: zh, EN: en}}})
}

// sits says whether somebody is asked at a seat, or has answered there.
func (m *machine) sits(seat *Seat, id string) bool {
	if seat.Vote != nil {
		return seat.Vote.By == id || seat.Assignee == id
	}
	return !seat.Vacant && contains(m.holders(seat), id)
}

// takeByActing gives a seat that any of several may fill to the one of them who acts.
func (m *machine) takeByActing(o *Open, seat *Seat) {
	if seat.Assignee != "" || !contains(m.holders(seat), m.ev.By) || seat.Vacant {
		return
	}
	seat.Assignee = m.ev.By
	_ = m.changed(o, seat, Entry{Event: "claimed", By: m.ev.By})
}

// weighAgain gives a seat that nobody was found for the weight of whoever it was given to.
func (m *machine) weighAgain(s *Step, o *Open, seat *Seat) {
	before := seat.weight()
	if m.weigh(o.Scope, s, []*Seat{seat}) && s.Who.Votes != nil && seat.Added == nil {
		o.Base += seat.weight() - before
	}
}
