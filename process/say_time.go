package process

import "strings"

// times says by when a step must be done, and what happens around that.
func (t *teller) times(s *Step) []string {
	out := []string{t.due(s)}
	if s.Time.Due != nil {
		if len(s.Time.Remind) > 0 {
			out = append(out, t.s("到期前 %s提醒办理人。", "Whoever has it is reminded %s before.", t.limits(s.Time.Remind)))
		}
		out = append(out, t.ladder(s, s.Time.Late)...)
	}
	for _, stop := range s.Time.Stops {
		out = append(out, t.stop(stop))
	}
	return out
}

func (t *teller) limits(list []Limit) string {
	var out []string
	for _, l := range list {
		out = append(out, l.Say(t.lang))
	}
	return t.all(out)
}

// due says when a step is due, in words that leave nothing to guess.
func (t *teller) due(s *Step) string {
	d := s.Time.Due
	switch {
	case d == nil:
		return t.s("没有时限。", "It has no limit.")
	case d.Table != "":
		return t.s("时限：由决策表 %s 算出，从打开时起算。", "Due within what the table %s says, counted from its opening.", d.Table)
	case d.Moment != nil && d.Before != nil:
		return t.s("到期：%s之前 %s%s。", "Due %[2]s before %[1]s%[3]s.", t.valueOf(d.Moment), d.Before.Say(t.lang), t.countedBack(*d.Before))
	case d.Moment != nil:
		return t.s("到期：%s（日期算到当天下班，当天不上班就到下一个工作日下班；没有填就没有时限）。", "Due at %s (a date: its close of business, or that of the next working day; while it is empty, no limit).", t.valueOf(d.Moment))
	case d.Limit == nil:
		return t.s("到期：%s。", "Due %s.", d.Source)
	}
	return t.s("时限：%s%s。", "Due within %s%s.", d.Limit.Say(t.lang), t.counted(*d.Limit))
}

// counted explains how a limit is counted.
func (t *teller) counted(l Limit) string {
	switch l.unit {
	case workingDays:
		return t.s("（打开当天不算，到第 %d 个工作日下班为止）", " (the day it opens isn’t counted; it ends at close of business of working day %d)", l.n)
	case workingHours, workingMinutes:
		return t.s("（只算上班时间）", " (counted while the calendar is open)")
	case wallDays, wallHours, wallMinutes:
		return t.s("（按钟表时间，不管上班下班）", " (wall clock, day and night)")
	case endOfToday:
		return t.s("（已经下班或当天休息的，到下一个工作日下班为止）", " (after hours, or on a closed day: the end of the next working day)")
	}
	return ""
}

// countedBack says where a limit ends that is so long before a day or a moment.
func (t *teller) countedBack(l Limit) string {
	if l.unit != workingDays {
		return ""
	}
	return t.s("（那个工作日上班时）", ", at the opening of that day")
}

// ladder says what happens around the due moment, rung by rung.
func (t *teller) ladder(s *Step, rungs []Rung) []string {
	var out []string
	for _, r := range rungs {
		out = append(out, t.s("%s：%s。", "%s: %s.", t.when(r), t.rung(s, r)))
	}
	return out
}

func (t *teller) when(r Rung) string {
	switch {
	case r.After != nil:
		return t.s("逾期 %s后", "%s after it is due", r.After.Say(t.lang))
	case r.Percent == 100:
		return t.s("到期还没办完时", "When it is due and not done")
	}
	return t.s("时限用掉 %d%% 时", "At %d%% of the limit", r.Percent)
}

func (t *teller) rung(s *Step, r Rung) string {
	var acts []string
	if len(r.Tell) > 0 {
		acts = append(acts, t.s("通知%[1]s", "%[1]s %[2]s told", t.all(t.told(s, r.Tell)), are(r.Tell)))
	}
	if len(r.Add) > 0 {
		acts = append(acts, t.s("加签%[1]s，与原办理人一起办", "%[1]s %[2]s added beside whoever has it", t.all(t.bys(s, r.Add)), are(r.Add)))
	}
	if r.HandUp {
		acts = append(acts, t.s("上交给当前办理人的上一级（没人领取的，交给部门负责人），时限重新起算；上面没有人了就留在原处",
			"it is handed up to the manager of whoever has it (unclaimed: to the head of the department), with a limit of its own; where nobody stands above, it stays"))
	}
	if r.Transfer != nil {
		acts = append(acts, t.s("转给%s，到期时间不变", "it is given to %s, and the due moment stands", t.by(s, *r.Transfer)))
	}
	if r.Outcome != "" {
		acts = append(acts, t.s("由系统定为“%s”，并注明是系统决定的", "the system decides: %s, and it is recorded as decided by the system", t.outcome(r.Outcome)))
	}
	return strings.Join(acts, t.s("；", "; "))
}

func (t *teller) stop(r StopReason) string {
	if r.AtMost == nil {
		return t.s("办理人可以停表，原因：%s；恢复之前不计时%s。", "Its clock may be stopped for the reason %s, until somebody starts it again%s.", r.Reason, t.called(r.Title, r.Reason))
	}
	return t.s("办理人可以停表，原因：%s，最多 %s，到时自动继续%s。", "Its clock may be stopped for the reason %s, at most %s; then it starts again by itself%s.", r.Reason, r.AtMost.Say(t.lang), t.called(r.Title, r.Reason))
}
