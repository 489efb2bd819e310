package process

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// MaxLimitDays bounds every limit: ten years in days, or as many hours or minutes as fit into that many days.
const MaxLimitDays = 3660

// Limit is how long something may take, as written in a definition: `2 working days`, `4 working hours`, `30 minutes`,
// `end of today`, `start of working day 3`. Limits compare with ==, the zero Limit is "no limit", and JSON holds the text.
type Limit struct {
	n    int
	unit limitUnit
}

type limitUnit uint8

const (
	noLimit limitUnit = iota
	workingDays
	workingHours
	workingMinutes
	wallDays
	wallHours
	wallMinutes
	endOfToday
	startOfWorkingDay
)

// limitUnitWords is a unit of time in words. Each is the longest n that stays within MaxLimitDays.
var limitUnitWords = map[limitUnit]struct {
	en, zh string
	max    int
}{
	workingDays:    {"working day", "个工作日", MaxLimitDays},
	workingHours:   {"working hour", "个工作小时", MaxLimitDays * 24},
	workingMinutes: {"working minute", "个工作分钟", MaxLimitDays * 24 * 60},
	wallDays:       {"day", "天", MaxLimitDays},
	wallHours:      {"hour", "小时", MaxLimitDays * 24},
	wallMinutes:    {"minute", "分钟", MaxLimitDays * 24 * 60},
}

// LimitError says, in both languages, why a text is no limit.
type LimitError struct{ Text, ZH, EN string }

// Error gives the English sentence.
func (e *LimitError) Error() string { return e.EN }

var (
	limitSpan  = regexp.MustCompile(`^(\d+) (working )?(day|hour|minute)s?$`)
	limitStart = regexp.MustCompile(`^start of working day (\d+)$`)
	limitAhead = regexp.MustCompile(`^(.*\S)\s+before(?:\s+(\S.*))?$`)
)

// ParseLimit reads a limit as people write it; upper case and extra spaces don't matter, nor does `1 days`.
// The error is a *[LimitError]. `10 working days before …` is no limit, see [ParseBefore].
func ParseLimit(s string) (Limit, error) {
	text := strings.ToLower(strings.Join(strings.Fields(s), " "))
	if text == "end of today" {
		return Limit{unit: endOfToday}, nil
	}
	if m := limitStart.FindStringSubmatch(text); m != nil {
		return newLimit(s, m[1], startOfWorkingDay, MaxLimitDays)
	}
	if m := limitSpan.FindStringSubmatch(text); m != nil {
		for unit, words := range limitUnitWords {
			if words.en == m[2]+m[3] {
				return newLimit(s, m[1], unit, words.max)
			}
		}
	}
	if meant := foreignLimit(s); meant != "" {
		return Limit{}, &LimitError{Text: s, ZH: fmt.Sprintf("“%s”请写成 %s", s, meant), EN: fmt.Sprintf("%q is written %s", s, meant)}
	}
	return Limit{}, &LimitError{
		Text: s,
		ZH:   fmt.Sprintf("“%s”不是时限；可写 2 working days、4 working hours、30 minutes、end of today、start of working day 3", s),
		EN:   fmt.Sprintf("%q is not a limit; write 2 working days, 4 working hours, 30 minutes, end of today or start of working day 3", s),
	}
}

func newLimit(text, number string, unit limitUnit, most int) (Limit, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > most {
		return Limit{}, &LimitError{
			Text: text,
			ZH:   fmt.Sprintf("“%s”的数字必须在 1 到 %d 之间", text, most),
			EN:   fmt.Sprintf("the number in %q must be from 1 to %d", text, most),
		}
	}
	return Limit{n: n, unit: unit}, nil
}

// ParseBefore reads `4 working hours before` and `10 working days before record.ends_on`: the span, for [Calendar.Before], and
// the words after "before", which may be none. Only spans can stand before something; the error is a *[LimitError].
func ParseBefore(s string) (span Limit, what string, err error) {
	m := limitAhead.FindStringSubmatch(strings.TrimSpace(s))
	if m != nil {
		if span, err = ParseLimit(m[1]); err != nil {
			return Limit{}, "", err
		}
	}
	if m == nil || !span.IsSpan() {
		return Limit{}, "", &LimitError{
			Text: s,
			ZH:   fmt.Sprintf("“%s”应写成 4 working hours before 的形式", s),
			EN:   fmt.Sprintf("%q should read like 4 working hours before", s),
		}
	}
	return span, m[2], nil
}

// IsZero says whether there is no limit at all.
func (l Limit) IsZero() bool { return l.unit == noLimit }

// IsSpan says whether the limit is a length of time, which can also stand before or after a moment; `end of today` and
// `start of working day 3` are not.
func (l Limit) IsSpan() bool { return l.unit >= workingDays && l.unit <= wallMinutes }

// IsWorking says whether a calendar's working time decides where the limit ends; false for wall-clock spans.
func (l Limit) IsWorking() bool {
	return l.unit != noLimit && (l.unit < wallDays || l.unit > wallMinutes)
}

// Equal is ==; go-cmp asks for it.
func (l Limit) Equal(other Limit) bool { return l == other }

// String is the limit in the language of definitions, `3 working days`; ParseLimit reads it back. No limit is "".
func (l Limit) String() string { return l.Say("en") }

// Say is the limit for people: "3 个工作日" in zh, "3 working days" in every other language.
func (l Limit) Say(lang string) string {
	zh := lang == "zh"
	switch l.unit {
	case noLimit:
		return ""
	case endOfToday:
		return limitWord(zh, "当日下班前", "end of today")
	case startOfWorkingDay:
		return limitWord(zh, fmt.Sprintf("第 %d 个工作日开始时", l.n), fmt.Sprintf("start of working day %d", l.n))
	}
	words := limitUnitWords[l.unit]
	if zh {
		return fmt.Sprintf("%d %s", l.n, words.zh)
	}
	return fmt.Sprintf("%d %s%s", l.n, words.en, limitWord(l.n == 1, "", "s"))
}

func limitWord(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// MarshalText writes the text of the limit; JSON holds that.
func (l Limit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText writes, and whatever else ParseLimit takes; "" is no limit.
func (l *Limit) UnmarshalText(text []byte) error {
	if l == nil {
		return errors.New("process: UnmarshalText on a nil Limit")
	}
	if len(text) == 0 {
		*l = Limit{}
		return nil
	}
	parsed, err := ParseLimit(string(text))
	if err == nil {
		*l = parsed
	}
	return err
}

// length is the time a limit in hours or minutes takes, working or elapsed; 0 for the others.
func (l Limit) length() time.Duration {
	switch l.unit {
	case workingHours, wallHours:
		return time.Duration(l.n) * time.Hour
	case workingMinutes, wallMinutes:
		return time.Duration(l.n) * time.Minute
	}
	return 0
}
