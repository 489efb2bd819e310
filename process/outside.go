package process

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"
)

// Outside is somebody without an account who is asked: by a letter with a page to answer on, and by who stands in for them.
type Outside struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"` // empty: nobody can write to them, so that only who stands in answers
}

const (
	outsidePrefix = "outside:" // no user's id holds a colon
	maxOutside    = 100        // characters of a name
)

// ID is what somebody outside is called where people are named by their ids: who answered, and who was told.
func (o Outside) ID() string { return outsidePrefix + o.Name }

// OutsideName is what people call somebody outside by such an id; ok is false for the id of everybody else.
func OutsideName(id string) (name Text, ok bool) {
	s := OutsideCalled(id)
	if s == "" {
		return Text{}, false
	}
	return Text{ZH: s + "（外部）", EN: s + " (outside)"}, true
}

// OutsideCalled is the name in such an id alone; empty for the id of everybody else.
func OutsideCalled(id string) string {
	s, _ := strings.CutPrefix(id, outsidePrefix)
	if s == id {
		return ""
	}
	return s
}

// newOutside is who is asked, by a name and an address as a record has them: the name may be an address itself, or hold one, as in
// `Wang Qiang <wang@example.com>`. Without a name they are called by an address of which nobody learns more than its beginning.
func newOutside(name, email string) (o Outside, known bool) {
	name = strings.TrimSpace(name)
	if a, err := mail.ParseAddress(name); err == nil {
		name = a.Name
		if email == "" {
			email = a.Address
		}
	}
	if a, err := mail.ParseAddress(strings.TrimSpace(email)); err == nil {
		o.Email = a.Address
	}
	o.Name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(o.Name); len(r) > maxOutside {
		o.Name = string(r[:maxOutside])
	}
	if o.Name == "" && o.Email != "" {
		user, domain, _ := strings.Cut(o.Email, "@")
		o.Name = string([]rune(user)[:1]) + "***@" + domain
	}
	return o, o.Name != ""
}

// byOutside finds who stands in for somebody without an account. When nobody outside is named there is nobody to stand in for.
func (m *machine) byOutside(by By, _ string, at place) []found {
	name, ok := m.value(at.scope, m.opening(at), by.Cel)
	if !ok {
		return []found{{held: true}}
	}
	var address any
	if by.Email != nil {
		if address, ok = m.value(at.scope, m.opening(at), by.Email); !ok {
			return []found{{held: true}}
		}
	}
	email, _ := address.(string)
	o, known := newOutside(called(name), email)
	if !known {
		return nobody("外部人员（"+by.Cel.Source+" 是空的）", "somebody outside: "+by.Cel.Source+" is empty")
	}
	f := m.resolve(*by.StandsIn, at)
	if !f.held {
		f.outside = &o
	}
	return []found{f}
}

// called is what a value of a record calls somebody: a text, or the title of what a reference points at.
func called(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case Reference:
		return v.Title
	}
	return ""
}

// why says why somebody stands in for them.
func (o *Outside) why(why Text) Text {
	if o == nil {
		return why
	}
	zh, en := "代外部人员 "+o.Name+" 办理（", "acts for "+o.Name+", who has no account ("
	return Text{ZH: zh + why.In("zh") + "）", EN: en + why.In("en") + ")"}
}

// isAmong says whether they are one of these people.
func (o *Outside) isAmong(ids []string) bool { return o != nil && contains(ids, o.ID()) }

// keptOut says why a seat can't be theirs, who have decided a step with which this one must share nobody.
func (o *Outside) keptOut() Text {
	name, _ := OutsideName(o.ID())
	return Text{ZH: "职责分离：" + name.ZH + "办理过前面的步骤，不能办理此步骤", EN: "separation of duties keeps " + name.EN + " from this step"}
}

// whose is in whose name an answer at a seat counts that somebody gives: theirs whom it asks outside, else of whoever gives it.
func (seat *Seat) whose(by string) string {
	if seat.Outside != nil {
		return seat.Outside.ID()
	}
	return by
}

// same says whether two seats ask the same person outside, or both ask nobody outside.
func (o *Outside) same(other *Outside) bool {
	if o == nil || other == nil {
		return o == other
	}
	return *o == *other
}

// waitedFor are the people who are told that a seat is theirs to answer: who has its task, and whoever they stand in for.
func (m *machine) waitedFor(o *Open, seat *Seat) []string {
	kept := m.kept(o, seat)
	holders := slices.DeleteFunc(m.holders(seat), func(id string) bool { return contains(kept, id) })
	return append(holders, seat.Outside.reached()...)
}

// reached is the id of somebody outside who can be written to.
func (o *Outside) reached() []string {
	if o == nil || o.Email == "" {
		return nil
	}
	return []string{o.ID()}
}

// isOutside says whether the event's person is whom a seat asks outside.
func (m *machine) isOutside(seat *Seat) bool {
	return seat.Outside != nil && m.ev.By == seat.Outside.ID()
}

// onlyAnswers refuses somebody outside everything but an answer.
func (m *machine) onlyAnswers() *Refusal {
	_, outside := OutsideName(m.ev.By)
	if !outside || slices.Contains([]EventKind{EventApprove, EventReject, EventReturn, EventComplete}, m.ev.Kind) {
		return nil
	}
	return Refuse(CodeForbidden, "外部人员只能答复，不能做别的操作", "people without an account can only answer")
}

// answersFor is the person for whom the event's person answers; beside somebody outside, an absent person for whom they stand in is named in data.
func (m *machine) answersFor(seat *Seat, holder string, data map[string]any) string {
	switch {
	case seat.Outside == nil:
		return m.actsFor(seat, holder)
	case m.isOutside(seat):
		return ""
	}
	if absent := m.actsFor(seat, holder); absent != "" {
		data["for"] = absent
	}
	return seat.Outside.ID()
}

// changedOutside tells those outside whose open step shows something else now: the letter that they have is about what it showed before.
func (m *machine) changedOutside() {
	for i := range m.st.Open {
		o := &m.st.Open[i]
		for j := range o.Seats {
			seat := &o.Seats[j]
			if seat.Vote != nil || len(seat.Outside.reached()) == 0 || !m.wasOpen(seat.Task) {
				continue
			}
			s := m.p.Step(o.Step)
			if s != nil && m.p.Seen(s, o.Item, m.in.Record.Fields) != m.p.Seen(s, o.Item, m.record.Fields) {
				m.tell(seat.Outside.reached(), Tell{About: "changed", Task: seat.Task, Step: s.ID, Text: prefix(Text{ZH: "内容有变化：", EN: "changed: "}, s.Title)})
			}
		}
	}
}

// writeOutside tells those outside again what they are asked, once the case goes on: a letter that was due while it stood still wasn't sent.
func (m *machine) writeOutside() {
	if !m.in.State.standsStill() || m.st.standsStill() {
		return
	}
	for i := range m.st.Open {
		o := &m.st.Open[i]
		for j := range o.Seats {
			if seat := &o.Seats[j]; seat.Vote == nil && m.wasOpen(seat.Task) {
				m.tell(seat.Outside.reached(), m.asks(m.p.Step(o.Step), seat.Task))
			}
		}
	}
}

// wasOpen says whether a task was open before the event.
func (m *machine) wasOpen(task string) bool {
	return slices.ContainsFunc(m.in.State.Open, func(o Open) bool {
		return slices.ContainsFunc(o.Seats, func(s Seat) bool { return s.Task == task })
	})
}

// OutsideWays are those of [OpenWays] that somebody without an account can go: by a button, and words. What needs a field filled in, a signature, a pick
// or a choice of items is for who stands in; others says that there is such a way.
func OutsideWays(in Input, task, by string) (ways []OpenWay, others bool) {
	m := newMachine(in, Event{By: by, Task: task})
	o, seat := m.seatOfTask(task)
	if seat == nil || !m.isOutside(seat) {
		return nil, false
	}
	s := m.p.Step(o.Step)
	for _, w := range OpenWays(in, task, by, false) {
		if w.Sign || w.Picks != nil || len(w.Items) > 0 || len(m.missing(o, s, w.Outcome)) > 0 {
			others = true
			continue
		}
		ways = append(ways, w)
	}
	return ways, others
}

// StandIns are the people who may answer an open task for whom it asks outside.
func StandIns(in Input, task string) []string {
	m := newMachine(in, Event{})
	o, seat := m.seatOfTask(task)
	if seat == nil {
		return nil
	}
	kept := m.kept(o, seat)
	return slices.DeleteFunc(m.holders(seat), func(id string) bool { return contains(kept, id) })
}

// Outsider is whom an open task asks outside; nil for a task that asks nobody outside, or isn't open.
func (s State) Outsider(task string) *Outside {
	for _, o := range s.Open {
		for _, seat := range o.Seats {
			if seat.Task == task && seat.Vote == nil {
				return seat.Outside
			}
		}
	}
	return nil
}
