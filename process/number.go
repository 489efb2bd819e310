package process

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Tokens of number patterns, as in "KH{yyyyMM}{0000}".
var numberToken = regexp.MustCompile(`\{[^{}]*\}`)

// Go layouts of the date tokens.
var numberDates = map[string]string{"{yyyy}": "2006", "{yyyyMM}": "200601", "{yyyyMMdd}": "20060102"}

const maxNumber = 60

func isCounter(token string) bool {
	return len(token) > 2 && len(token) <= 11 && strings.Trim(token[1:len(token)-1], "0") == ""
}

// numberPattern reads the pattern of a number: text, dates, and one counter.
func (l *loader) numberPattern(v *node) string {
	s, ok := l.string(v)
	if !ok {
		return ""
	}
	counters := 0
	for _, token := range numberToken.FindAllString(s, -1) {
		switch {
		case isCounter(token):
			counters++
		case numberDates[token] == "":
			l.problem(v, "编号里不能有 `%s`：可以用 {yyyy}、{yyyyMM}、{yyyyMMdd} 和一个 {0000}", "`%s` can't be in a number: {yyyy}, {yyyyMM}, {yyyyMMdd} and one {0000} can", token)
			return s
		}
	}
	rest := numberToken.ReplaceAllString(s, "")
	switch {
	case counters != 1:
		l.problem(v, "编号要有一个计数，如 {0000}", "a number has one counter, such as {0000}")
	case strings.ContainsAny(rest, "{}") || len([]rune(s)) > maxNumber || strings.ContainsAny(rest, "\n\t"):
		l.problem(v, "看不懂的编号：`%s`", "the number `%s` can't be read", clip(s))
	}
	return s
}

// FormatNumber writes the nth number of a pattern: "KH{yyyyMM}{0000}" gives KH2026110007. At is the business time in the company's zone. A
// counter that outgrows its zeros gets longer.
func FormatNumber(pattern string, at time.Time, n int) string {
	return numberToken.ReplaceAllStringFunc(pattern, func(token string) string {
		if isCounter(token) {
			return fmt.Sprintf("%0*d", len(token)-2, n)
		}
		return numberDate(token, at)
	})
}

// NumberScope is what numbers are counted within: the pattern with its dates and without its counter, "KH202611". Counting begins anew with
// each scope.
func NumberScope(pattern string, at time.Time) string {
	return numberToken.ReplaceAllStringFunc(pattern, func(token string) string {
		if isCounter(token) {
			return ""
		}
		return numberDate(token, at)
	})
}

func numberDate(token string, at time.Time) string {
	if layout := numberDates[token]; layout != "" {
		return at.Format(layout)
	}
	return token
}
