package process

import (
	"fmt"
	"slices"
	"strings"
)

// principal names one person, or a set of people.
func (t *teller) principal(p Principal) string {
	sort, id := p.Split()
	name := ""
	if t.names != nil {
		name = t.names.Name(p).In(t.lang)
	}
	if sort == string(ByUser) {
		if name != "" {
			return name
		}
		return id
	}
	word := sortNames[sort]
	if name == "" {
		return t.s("%s %s", "the %s %s", word, id)
	}
	return t.s("%s“%s”", "the %s “%s”", word, name)
}

// principals names several.
func (t *teller) principals(list []Principal) []string {
	var out []string
	for _, p := range list {
		if sort, _ := p.Split(); sort == string(ByUser) {
			out = append(out, t.principal(p))
			continue
		}
		out = append(out, t.s("%s的人", "anybody of %s", t.principal(p)))
	}
	return out
}

// of names what an entry of `by` is about: `$x` is the item of the `each` around the step, `record.unit` what stands in that field.
func (t *teller) of(kind string, b By) string {
	switch {
	case strings.HasPrefix(b.Of, "$"):
		return t.s("本项的%s（%s）", "the %s of this item (%s)", sortNames[kind], b.Of)
	case b.Column != nil:
		return t.s("%[2]s 里写的%[1]s", "the %s in %s", sortNames[kind], b.Of)
	}
	return t.principal(Principal(kind + ":" + b.Of))
}

// personOf names the person whom an entry of `by` is about.
func (t *teller) personOf(s *Step, b By) string {
	if b.Column != nil && !strings.HasPrefix(b.Of, "$") {
		return t.s("%s 里的人", "the person in %s", b.Of)
	}
	return t.person(s, b.Of)
}

// person names whose manager is meant, or who picks.
func (t *teller) person(s *Step, of string) string {
	switch of {
	case "initiator":
		return t.s("发起人", "the initiator")
	case "holder", "assignee":
		return t.s("当前办理人", "whoever has the task")
	case "previous":
		return t.s("上一步的办理人", "whoever did the step before")
	}
	if strings.HasPrefix(of, "$") {
		return t.s("本项的人（%s）", "the person of this item (%s)", of)
	}
	return t.s("记录的“%s”", "the record’s “%s”", t.field(s, of))
}

// by names who an entry means.
func (t *teller) by(s *Step, b By) string {
	who := t.named(s, b)
	if b.If != nil {
		who += t.s("（仅当 %s）", " (only if %s)", t.worded(b.If))
	}
	return who
}

func (t *teller) named(s *Step, b By) string {
	switch b.Kind {
	case ByInitiator, ByHolder, ByAssignee:
		return t.person(s, string(b.Kind))
	case ByManagerOf:
		return t.s("%s的上级", "the manager of %s", t.personOf(s, b))
	case ByManagersOf:
		return t.row(s, b)
	case ByHeadOf:
		return t.s("%s的负责人", "the head of %s", t.of("department", b))
	case ByInChargeOf:
		return t.s("%s的分管领导", "the executive in charge of %s", t.of("department", b))
	case ByRole, ByDepartment, ByGroup, ByPosition:
		return t.set(b)
	case ByUser:
		if b.Column != nil || strings.HasPrefix(b.Of, "$") {
			return t.personOf(s, b)
		}
		return t.principal(User(b.Of))
	case ByField:
		return t.inField(s, b.Of)
	case ByActorOf:
		return t.actor(b.Of)
	case ByPickedBy:
		return t.picked(s, b)
	case ByOutside:
		return t.outside(s, b)
	case ByCel:
		return t.s("表达式 %s 给出的人", "whoever %s gives", b.Cel.Source)
	}
	return string(b.Kind)
}

// set names any one, or every one, of a role, a department, a group or a position.
func (t *teller) set(b By) string {
	set := t.of(string(b.Kind), b)
	if b.For != nil {
		set += t.s("（负责%s或不限范围的）", " (those who hold it for %s, or for everything)", t.valueOf(b.For))
	}
	if b.Every {
		return t.s("%s的每一个人", "everyone of %s", set)
	}
	return t.s("%s中的任意一人", "any one of %s", set)
}

func (t *teller) inField(s *Step, name string) string {
	who := t.person(s, name)
	if f := t.fieldAt(s, name); f != nil && f.Many {
		return t.s("%s里的每一个人", "each person in %s", who)
	}
	return t.s("%s里的人", "the person in %s", who)
}

func (t *teller) actor(step string) string {
	if s := t.p.Step(step); s != nil {
		return t.s("办过%s的人", "whoever did %s", t.ref(s))
	}
	return step
}

// row names a row of managers.
func (t *teller) row(s *Step, b By) string {
	upTo := t.s("一直到最高层", "up to the top")
	switch {
	case b.UpTo != nil && b.UpTo.Role != "":
		upTo = t.s("到第一位属于%s的为止", "up to the first who is of %s", t.principal(Principal("role:"+b.UpTo.Role)))
	case b.UpTo != nil && b.UpTo.Level > 0:
		upTo = t.s("共 %d 级", "%d levels of them", b.UpTo.Level)
	}
	order := t.s("由低到高", "the lowest first")
	if b.Down {
		order = t.s("由高到低", "the highest first")
	}
	return t.s("%s的各级上级（%s，%s）", "the managers above %s (%s, %s)", t.personOf(s, b), upTo, order)
}

func (t *teller) picked(s *Step, b By) string {
	number := fmt.Sprint(b.Max)
	if b.Min != b.Max {
		number = fmt.Sprintf("%d–%d", b.Min, b.Max)
	}
	from := t.s("任何在职的人", "anybody active")
	if len(b.From) > 0 {
		from = t.any(t.bys(s, b.From))
	}
	return t.s("由%s挑选的 %s 人（从%s中选）", "%[2]s picked by %[1]s (from %[3]s)", t.person(s, b.Of), number, from)
}

func (t *teller) outside(s *Step, b By) string {
	whom, acts := b.Of, ""
	if b.Cel != nil {
		whom = b.Cel.Source
	}
	if b.Email != nil {
		acts = t.s("（写信到 %s，凭信中的链接答复）", " (who is written to at %s, and answers by the link in the letter)", b.Email.Source)
	}
	if b.StandsIn != nil {
		acts += t.s("，由%s代为办理", ", for whom %s acts", t.by(s, *b.StandsIn))
	}
	return t.s("外部人员 %s%s", "somebody outside the company, %s%s", whom, acts)
}

func (t *teller) bys(s *Step, list []By) []string {
	var out []string
	for _, b := range list {
		out = append(out, t.by(s, b))
	}
	return out
}

// asks says who is asked at a step, how many must answer, and what happens when that is nobody, the initiator, or somebody who did another step.
func (t *teller) asks(s *Step) []string {
	verb := t.s("办理人", "It is done by")
	if _, ok := s.Do.(Approve); ok {
		verb = t.s("审批人", "It is decided by")
	}
	out := []string{t.s("%s：%s。", "%s %s.", verb, t.all(t.bys(s, s.Who.Seats)))}
	out = append(out, t.howMany(s)...)
	if s.Who.Claim {
		out = append(out, t.s("先领取再办：领取之前他们谁都可以办，领取之后只归领取的人，可以放回。",
			"It is to be claimed: open to all of them until one takes it, who alone has it then and may put it back."))
	}
	if s.ID == ResubmitStep || slices.ContainsFunc(s.Who.Seats, func(b By) bool { return b.Kind != ByInitiator }) {
		out = append(out, t.ifNone(s))
	}
	if slices.ContainsFunc(s.Who.Seats, func(b By) bool { return b.Kind != ByInitiator }) {
		out = append(out, t.ifInitiator(s))
	}
	if len(s.Who.NotSameAs) > 0 {
		out = append(out, t.s("职责分离：%s不能办这一步，没有例外。", "Separation of duties: %s may not do this step, without exception.", t.any(t.actors(s.Who.NotSameAs))))
	}
	return append(out, t.sameAgain(s)...)
}

func (t *teller) actors(steps []string) []string {
	var out []string
	for _, id := range steps {
		out = append(out, t.actor(id))
	}
	return out
}

// howMany says how many of several must answer.
func (t *teller) howMany(s *Step) []string {
	if _, ok := s.Do.(Approve); !ok {
		return t.howManyDo(s)
	}
	var out string
	switch s.Who.Mode {
	case ModeFirst:
		out = t.s("或签：第一个人的回答就算数，无论同意还是拒绝，其他人不必再答。", "The first answer decides, either way; the others need not answer any more.")
	case ModeAll:
		out = t.s("会签：所有人都要同意才算通过；只要有一人拒绝，立即按拒绝处理，其他人不必再答。",
			"All must agree; one refusal closes it at once as rejected, and the others need not answer any more.")
	case ModeAllOpinions:
		out = t.s("会签，等所有意见：每个人都要表态；都答完以后，只要有一人拒绝就算拒绝，否则算通过。",
			"Every opinion is waited for; then one refusal is enough to reject it, and without one it is approved.")
	case ModeInTurn:
		out = t.s("依次：按上面的顺序一个一个问，前一位同意了才问下一位；所有人都要同意，有一人拒绝就立即按拒绝处理，后面的人不再问。",
			"One after the other, in this order: the next is asked once the one before has agreed. All must agree; a refusal closes it at once as rejected, and those behind aren’t asked.")
	case ModeVotes:
		return append(t.votes(s), t.returnAtOnce(s)...)
	default:
		return nil
	}
	return append([]string{out}, t.returnAtOnce(s)...)
}

// returnAtOnce says that a return doesn't wait for votes.
func (t *teller) returnAtOnce(s *Step) []string {
	if s.Ways[Returned] == nil {
		return nil
	}
	return []string{t.s("任何一人退回都立即生效，这一轮其他人的意见作废，但留在记录里。", "A return by anyone takes effect at once; the other votes of the round are void, and kept in the history.")}
}

func (t *teller) howManyDo(s *Step) []string {
	switch s.Who.Mode {
	case "":
		return nil
	case ModeFirst:
		return []string{t.s("第一个完成的人就完成了这一步，其他人不必再办。", "The first to complete it completes the step; the others need not do it any more.")}
	case ModeInTurn:
		return append([]string{t.s("依次办理：前一位完成后才轮到下一位，最后一位完成时的结果算数。", "One after the other: the next is asked once the one before is done, and the last outcome counts.")}, t.leaving(s)...)
	}
	return append([]string{t.s("每个人都要办完自己的部分，最后一位的结果算数。", "Everyone does their part, and the last outcome counts.")}, t.leaving(s)...)
}

// leaving says what an outcome does that leaves the normal way while others still have their part to do.
func (t *teller) leaving(s *Step) []string {
	var names []string
	for _, name := range outcomesOf(s) {
		if w := s.Ways[name]; w != nil && (w.End != "" || w.Go != "") {
			names = append(names, t.chosen(name))
		}
	}
	switch {
	case len(names) == 0:
		return nil
	case s.Who.Mode == ModeAllOpinions:
		return []string{t.s("只要有人的结果是%s，都办完后就按它走。", "One outcome of %s is enough: it counts once everyone is done.", t.any(names))}
	}
	return []string{t.s("只要有人的结果是%s，就立即按它走，其他人不必再办。", "One outcome of %s is enough: it counts at once, and the others need not do theirs any more.", t.any(names))}
}

// votes says what a vote needs.
func (t *teller) votes(s *Step) []string {
	v := s.Who.Votes
	if v == nil {
		return nil
	}
	need := t.s("%d 票", "%d votes", v.Need.Count)
	if v.Need.Count == 0 {
		share := fmt.Sprintf("%d/%d", v.Need.Num, v.Need.Den)
		if v.Need.Den == 100 {
			share = fmt.Sprintf("%d%%", v.Need.Num)
		}
		need = t.s("全部票数的 %s（加签的人也投票，但所需票数不变）", "%s of all votes (people added later vote too, but don’t raise what is needed)", share)
	}
	out := []string{t.s("票签：同意达到 %s 就算通过；结果一旦确定就立即结束，不再等其余的人。", "A vote: it is approved once %s are for it, and closes at the first moment its outcome is certain.", need)}
	for _, w := range v.Weights {
		out = append(out, t.s("%s每人计 %d 票；没有另作规定的人每人 1 票。", "Each vote of %s counts %d; a vote counts 1 where nothing else is said.", t.voter(s, w.Who), w.N))
	}
	if len(v.Veto) > 0 {
		out = append(out, t.s("%s有一票否决权：其拒绝就算拒绝。", "A refusal by %s alone rejects it.", t.any(t.bys(s, v.Veto))))
	}
	tie := v.Tie
	if tie == "" {
		tie = Rejected
	}
	return append(out, t.s("双方都达不到时，结果是“%s”。", "When neither side can reach that any more, the outcome is %s.", t.outcome(tie)))
}

// voter names whose votes count more: one person, or everybody of a set.
func (t *teller) voter(s *Step, b By) string {
	switch b.Kind {
	case ByRole, ByDepartment, ByGroup, ByPosition:
		return t.of(string(b.Kind), b)
	}
	return t.by(s, b)
}

// ifNone says what happens when nobody is found.
func (t *teller) ifNone(s *Step) string {
	rule := s.Who.IfNone
	switch rule.Do {
	case "skip":
		if _, ok := s.Do.(Approve); ok {
			return t.s("找不到人时：不问，一个人都没有就按同意往下走。", "If nobody is found: not asked; with nobody at all it goes on as approved.")
		}
		return t.s("找不到人时：不办，一个人都没有就跳过这一步。", "If nobody is found: not asked; with nobody at all the step is passed over.")
	case "reject":
		return t.s("找不到人时：按拒绝处理。", "If nobody is found: it counts as rejected.")
	case "to":
		return t.s("找不到人时：改由%s办理；连他们也没有，就停在这里，由管理员指派。", "If nobody is found: it goes to %s; if that is nobody either, it waits until an administrator assigns somebody.", t.by(s, *rule.To))
	}
	return t.s("找不到人时：停在这里，由管理员指派。", "If nobody is found: it waits until an administrator assigns somebody.")
}

// ifInitiator says what happens when the initiator would be asked.
func (t *teller) ifInitiator(s *Step) string {
	among := t.s("如果发起人只是几位候选人之一，就由其他人办。", " Where the initiator is one of several who might, another of them does it.")
	switch rule := s.Who.IfInitiator; rule.Do {
	case "skip":
		return t.s("如果就是发起人本人：不问。", "If that is the initiator: not asked.") + among
	case "to":
		return t.s("如果就是发起人本人：改由%s办理。", "If that is the initiator: it goes to %s instead.", t.by(s, *rule.To)) + among
	}
	return t.s("如果就是发起人本人：照常由其办理。", "If that is the initiator: they are asked all the same.")
}

// sameAgain says what happens with somebody who has approved before.
func (t *teller) sameAgain(s *Step) []string {
	switch s.Who.SameAgain {
	case SameSkipIfApproved:
		return []string{t.s("前面已经同意过的人不再问，除非其看过的内容后来变了。", "Whoever has approved an earlier step isn’t asked again, unless what they looked at has changed since.")}
	case SameSkipIfAdjacent:
		return []string{t.s("在紧挨着的上一步同意过的人不再问，除非其看过的内容后来变了。", "Whoever has approved the step just before isn’t asked again, unless what they looked at has changed since.")}
	case SameKeepLast:
		return []string{t.s("后面还会问到的人，这里先不问，只在最后一次问。", "Whoever will be asked again later isn’t asked here, only at the last of their steps.")}
	}
	return nil
}
