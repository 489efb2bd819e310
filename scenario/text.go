package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// say makes a text in both languages. An argument of type [process.Text] is put in by language.
func say(zh, en string, args ...any) process.Text {
	return process.Text{ZH: sprint("zh", zh, args), EN: sprint("en", en, args)}
}

func sprint(lang, format string, args []any) string {
	said := slices.Clone(args)
	for i, a := range said {
		if t, ok := a.(process.Text); ok {
			said[i] = t.In(lang)
		}
	}
	return fmt.Sprintf(format, said...)
}

// join writes texts one after the other.
func join(sep string, texts ...process.Text) process.Text {
	var out process.Text
	for i, t := range texts {
		if i > 0 {
			out.ZH, out.EN = out.ZH+sep, out.EN+sep
		}
		out.ZH, out.EN = out.ZH+t.In("zh"), out.EN+t.In("en")
	}
	return out
}

func quoted(words []string) string {
	if len(words) == 0 {
		return "–"
	}
	return "`" + strings.Join(words, "`, `") + "`"
}

// contains says whether a text, in either language, has some words in it; upper and lower case are the same.
func contains(t process.Text, words string) bool {
	words = strings.ToLower(words)
	return strings.Contains(strings.ToLower(t.ZH), words) || strings.Contains(strings.ToLower(t.EN), words)
}
