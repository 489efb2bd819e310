package notify

import (
	"bytes"
	htmltemplate "html/template"
	"strconv"
	"strings"
	texttemplate "text/template"

	"github.com/crmflow/crmflow/process"
)

// Content is what a letter says.
type Content struct {
	What     string // what happened, or what is asked
	Number   string // of the case
	Due      string // when it is due; empty: nothing is
	Link     string // where to go on
	Decides  bool   // the link is one to decide by, for one person, once
	Days     int    // how long such a link lasts
	Settings string // where letters are turned off
}

var letterWords = map[string]process.Text{
	"number":   {ZH: "编号", EN: "Number"},
	"due":      {ZH: "时限", EN: "Due"},
	"decide":   {ZH: "打开并办理", EN: "Open and decide"},
	"open":     {ZH: "在 crmflow 中打开", EN: "Open in crmflow"},
	"once":     {ZH: "此链接只供您本人使用，请勿转发；只能办理一次，%d 天后失效。打开链接不会作出任何决定。", EN: "This link is for you alone: please don't forward it. It decides once, and expires after %d days. Opening it decides nothing."},
	"settings": {ZH: "不想收到邮件？在设置中关闭", EN: "No mail, please? Turn it off in your settings"},
}

// page is what the templates fill in.
type page struct {
	Content
	Lang  string
	Once  string
	Words map[string]string
}

var textLetter = texttemplate.Must(texttemplate.New("text").Parse(`{{.What}}

{{.Words.number}}: {{.Number}}
{{if .Due}}{{.Words.due}}: {{.Due}}
{{end}}
{{if .Decides}}{{.Words.decide}}{{else}}{{.Words.open}}{{end}}:
{{.Link}}
{{if .Decides}}
{{.Once}}
{{end}}
--
{{.Words.settings}}: {{.Settings}}
`))

var htmlLetter = htmltemplate.Must(htmltemplate.New("html").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0;padding:16px;font:16px/1.6 sans-serif;color:#1d2733;background:#f3f6f8">
<div style="max-width:560px;margin:0 auto;padding:20px;background:#fff;border:1px solid #dfe5ea;border-radius:12px">
<p style="margin:0 0 12px;font-size:18px;font-weight:600">{{.What}}</p>
<p style="margin:0;color:#5b6875">{{.Words.number}}: {{.Number}}{{if .Due}}<br>{{.Words.due}}: {{.Due}}{{end}}</p>
<p style="margin:20px 0"><a href="{{.Link}}" style="display:inline-block;padding:12px 20px;background:#0a6e6a;color:#fff;border-radius:8px;text-decoration:none">{{if .Decides}}{{.Words.decide}}{{else}}{{.Words.open}}{{end}}</a></p>
{{if .Decides}}<p style="margin:0;color:#5b6875;font-size:14px">{{.Once}}</p>{{end}}
<p style="margin:16px 0 0;font-size:13px"><a href="{{.Settings}}" style="color:#5b6875">{{.Words.settings}}</a></p>
</div></body></html>
`))

// Write words a letter in a language.
func Write(l Letter, c Content, lang string) (Letter, error) {
	p := page{Content: c, Lang: lang, Words: map[string]string{}}
	for name, text := range letterWords {
		p.Words[name] = text.In(lang)
	}
	p.Once = strings.ReplaceAll(p.Words["once"], "%d", strconv.Itoa(c.Days))
	var text, html bytes.Buffer
	if err := textLetter.Execute(&text, p); err != nil {
		return l, err
	}
	if err := htmlLetter.Execute(&html, p); err != nil {
		return l, err
	}
	l.Subject, l.Text, l.HTML = Line(c.What), text.String(), html.String()
	return l, nil
}
