package notify

import (
	"bytes"
	htmltemplate "html/template"
	"strconv"
	"strings"
	texttemplate "text/template"

	"github.com/crmflow/crmflow/process"
)

// Question is what somebody without an account is asked by letter. Nobody knows which language they read, so that it is said in both.
type Question struct {
	Name   string       // theirs
	About  string       // opened, reminded, changed …: why they are written to now
	What   process.Text // what is asked
	Number string       // of the case
	Due    string       // when an answer is due; empty: nothing says
	Link   string       // the page to answer on
	Days   int          // how long it lasts
}

var questionWords = map[string]process.Text{
	"dear":     {ZH: "%s，您好：", EN: "Dear %s,"},
	"opened":   {ZH: "请您答复", EN: "Your answer is asked for"},
	"reminded": {ZH: "提醒：请您答复", EN: "A reminder: your answer is asked for"},
	"changed":  {ZH: "内容有变化，请重新查看后答复；以前的链接不再有效", EN: "The content has changed: please look at it again, then answer. Links sent before no longer work"},
	"number":   {ZH: "编号", EN: "Number"},
	"due":      {ZH: "时限", EN: "Due"},
	"open":     {ZH: "打开并答复", EN: "Open and answer"},
	"once":     {ZH: "此链接只供您本人使用，请勿转发；只能答复一次，%d 天后失效。打开链接不会作出任何决定。", EN: "This link is for you alone: please don't forward it. It answers once, and expires after %d days. Opening it decides nothing."},
}

// said is a question in one language.
type said struct {
	Question
	Lang, What, Dear, Why, Once string
	Words                       map[string]string
}

func (q Question) said(lang string) said {
	s := said{Question: q, Lang: lang, What: q.What.In(lang), Words: map[string]string{}}
	for name, text := range questionWords {
		s.Words[name] = text.In(lang)
	}
	s.Dear = strings.ReplaceAll(s.Words["dear"], "%s", q.Name)
	s.Once = strings.ReplaceAll(s.Words["once"], "%d", strconv.Itoa(q.Days))
	switch q.About {
	case "changed":
		s.Why = s.Words["changed"]
	case "reminded", "late", "urged":
		s.Why = s.Words["reminded"]
	default:
		s.Why = s.Words["opened"]
	}
	return s
}

var textQuestion = texttemplate.Must(texttemplate.New("text").Parse(`{{range $i, $q := .}}{{if $i}}
--

{{end}}{{.Dear}}

{{.Why}}: {{.What}}

{{.Words.number}}: {{.Number}}
{{if .Due}}{{.Words.due}}: {{.Due}}
{{end}}
{{.Words.open}}:
{{.Link}}

{{.Once}}
{{end}}`))

var htmlQuestion = htmltemplate.Must(htmltemplate.New("html").Parse(`<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0;padding:16px;font:16px/1.6 sans-serif;color:#1d2733;background:#f3f6f8">
{{range .}}<div lang="{{.Lang}}" style="max-width:560px;margin:0 auto 16px;padding:20px;background:#fff;border:1px solid #dfe5ea;border-radius:12px">
<p style="margin:0 0 12px">{{.Dear}}</p>
<p style="margin:0 0 4px">{{.Why}}:</p>
<p style="margin:0 0 12px;font-size:18px;font-weight:600">{{.What}}</p>
<p style="margin:0;color:#5b6875">{{.Words.number}}: {{.Number}}{{if .Due}}<br>{{.Words.due}}: {{.Due}}{{end}}</p>
<p style="margin:20px 0"><a href="{{.Link}}" style="display:inline-block;padding:12px 20px;background:#0a6e6a;color:#fff;border-radius:8px;text-decoration:none">{{.Words.open}}</a></p>
<p style="margin:0;color:#5b6875;font-size:14px">{{.Once}}</p>
</div>{{end}}
</body></html>
`))

// Ask words a question as a letter.
func Ask(l Letter, q Question) (Letter, error) {
	both := []said{q.said("zh"), q.said("en")}
	var text, html bytes.Buffer
	if err := textQuestion.Execute(&text, both); err != nil {
		return l, err
	}
	if err := htmlQuestion.Execute(&html, both); err != nil {
		return l, err
	}
	l.Subject, l.Text, l.HTML = Line(subjectOf(both)), text.String(), html.String()
	return l, nil
}

// subjectOf says what is asked in both languages, once where they are the same.
func subjectOf(both []said) string {
	if both[0].What == both[1].What {
		return both[0].Number + " " + both[0].What
	}
	return both[0].Number + " " + both[0].What + " / " + both[1].What
}
