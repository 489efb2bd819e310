package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

var printTemplate = template.Must(template.ParseFS(assets, "assets/print.html"))

// printStyle is the sheet's style. It stands in the page, so that what is saved is whole; the policy allows exactly this one, and no script. Pictures are part of the page, too.
var printStyle, printPolicy = func() (template.CSS, string) {
	css, err := assets.ReadFile("assets/print.css")
	if err != nil {
		panic("server: " + err.Error()) // the files are part of the binary
	}
	sum := sha256.Sum256(css)
	return template.CSS(css), "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

func (s *Server) printRoutes() {
	html := map[string]*huma.MediaType{"text/html": {Schema: &huma.Schema{Type: huma.TypeString}}}
	add(s, route{method: http.MethodGet, path: "/cases/{id}/print", rule: seesCase, id: "print-case", summary: "A case on paper: what it is about, and every opinion",
		gives: map[string]*huma.Response{"200": {Description: "HTML for A4", Content: html}}}, s.printCase)
}

// sheet is a case on paper.
type sheet struct {
	Lang, Title, Number, Subject, Status string
	Initiator, Started, Ended, Printed   string
	Style                                template.CSS
	Words                                map[string]string
	Fields                               []printedField
	Lines                                []printedLines
	Files                                []string
	Opinions                             []printedOpinion

	department func(id string) string // what it is called
}

// printedField is a field of the record, as its reader may see it.
type printedField struct{ Title, Value string }

// printedLines are the lines of a field, as a table.
type printedLines struct {
	Title string
	Head  []string
	Rows  [][]string
}

// printedOpinion is what somebody, or the system, decided.
type printedOpinion struct {
	Step, Who, Outcome, Comment, Signature, At string

	Image template.URL // of the signature; empty: there is only its digest
	file  string       // that holds it
}

type printInput struct {
	IDInput
	Lang string `query:"lang" enum:"zh,en" doc:"Default: the caller's language"`
}

type printOutput struct {
	Type   string `header:"Content-Type"`
	Policy string `header:"Content-Security-Policy"`
	Body   []byte
}

func (s *Server) printCase(ctx context.Context, v *visit, in *printInput) (*printOutput, error) {
	if in.Lang != "" {
		v.said = in.Lang
	}
	p, err := s.sheet(ctx, v, in.ID)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := printTemplate.Execute(&out, p); err != nil {
		return nil, fmt.Errorf("server: print: %w", err)
	}
	return &printOutput{Type: "text/html; charset=utf-8", Policy: printPolicy, Body: out.Bytes()}, nil
}

// sheet fills the sheet with what the caller may see.
func (s *Server) sheet(ctx context.Context, v *visit, id string) (*sheet, error) {
	row, err := s.db.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	view, err := viewer.Case(row.Case, row.Record)
	if err == nil {
		err = s.coverCases(ctx, v, &view)
	}
	if err != nil {
		return nil, err
	}
	record, err := viewer.Record(row.Record)
	if err != nil {
		return nil, err
	}
	sight, err := s.caseSight(ctx, v, row)
	if err != nil {
		return nil, err
	}
	v.coverRecord(sight, &record)
	opinions, err := s.opinions(ctx, v, id)
	if err != nil {
		return nil, err
	}
	if err := s.drawSignatures(ctx, opinions); err != nil {
		return nil, err
	}
	p := v.newSheet(view, viewer)
	p.Opinions = opinions
	p.department = func(id string) string {
		if d, ok := viewer.Directory.Department(id); ok && !d.Name.Empty() {
			return d.Name.In(p.Lang)
		}
		return id
	}
	p.contents(viewer, viewer.Library().Types[record.Type], record)
	return p, viewer.Err()
}

// printWords are the words of the sheet.
var printWords = map[string]process.Text{
	"number": {ZH: "编号", EN: "No."}, "initiator": {ZH: "发起人", EN: "Started by"}, "started": {ZH: "发起时间", EN: "Started"}, "ended": {ZH: "结束时间", EN: "Ended"},
	"content": {ZH: "内容", EN: "Content"}, "files": {ZH: "附件", EN: "Attachments"}, "opinions": {ZH: "审批意见", EN: "Opinions"}, "step": {ZH: "步骤", EN: "Step"},
	"who": {ZH: "办理人", EN: "By"}, "opinion": {ZH: "意见", EN: "Opinion"}, "comment": {ZH: "说明", EN: "Comment"}, "time": {ZH: "时间", EN: "Time"},
	"signed": {ZH: "已签名", EN: "Signed"}, "none": {ZH: "还没有人表态。", EN: "Nobody has given an opinion yet."},
}

// stateOfCase are the words for how far a case is.
var stateOfCase = map[string]process.Text{
	process.Running: {ZH: "进行中", EN: "Running"}, process.Suspended: {ZH: "已暂停", EN: "Suspended"}, process.Ended: {ZH: "已结束", EN: "Ended"},
}

func (v *visit) newSheet(c engine.CaseView, viewer *engine.Viewer) *sheet {
	p := &sheet{Lang: v.lang(), Title: v.text(c.Title), Number: c.Number, Subject: c.Subject, Status: v.text(stateOfCase[c.Status]), Style: printStyle, Words: map[string]string{}}
	for name, t := range printWords {
		p.Words[name] = v.text(t)
	}
	if c.Outcome != "" {
		p.Status += v.text(process.Text{ZH: "：", EN: ": "}) + v.text(viewer.CalledIn(c.Process).Outcome("", c.Outcome))
	}
	if c.Initiator != "" {
		p.Initiator = nameIn(viewer)(c.Initiator).In(p.Lang)
	}
	p.Started = v.minute(c.StartedAt)
	if c.EndedAt != nil {
		p.Ended = v.minute(*c.EndedAt)
	}
	p.Printed = v.text(process.Text{ZH: "打印时间：", EN: "Printed: "}) + v.minute(viewer.Now)
	return p
}

// minute is a moment on paper.
func (v *visit) minute(t time.Time) string { return v.at(t).Format("2006-01-02 15:04") }

func nameIn(viewer *engine.Viewer) func(string) process.Text {
	return func(id string) process.Text {
		if p, ok := viewer.Directory.Person(id); ok && !p.Name.Empty() {
			return p.Name
		}
		return process.Same(id)
	}
}

// contents are the fields that have a value, in the order of their type; tables and attachments stand behind them.
func (p *sheet) contents(viewer *engine.Viewer, typ *process.RecordType, record engine.RecordView) {
	env := process.Env{Zone: viewer.Location(), Names: nameIn(viewer)}
	for i := range typ.Fields {
		f := &typ.Fields[i]
		value, there := record.Fields[f.Name]
		switch lines, isLines := value.([]map[string]any); {
		case !there || value == nil:
		case isLines:
			p.Lines = append(p.Lines, p.lines(env, f, lines))
		case len(filesIn(value)) > 0:
			p.Files = append(p.Files, filesIn(value)...)
		default:
			p.Fields = append(p.Fields, printedField{f.Label().In(p.Lang), p.value(env, f, value)})
		}
	}
}

func (p *sheet) lines(env process.Env, f *process.Field, lines []map[string]any) printedLines {
	out := printedLines{Title: f.Label().In(p.Lang)}
	for i := range f.Lines {
		out.Head = append(out.Head, f.Lines[i].Label().In(p.Lang))
	}
	for _, line := range lines {
		row := make([]string, len(f.Lines))
		for i := range f.Lines {
			row[i] = p.value(env, &f.Lines[i], line[f.Lines[i].Name])
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// value is a value on paper: choices by their titles, amounts of yuan also in words, as vouchers have them.
func (p *sheet) value(env process.Env, f *process.Field, value any) string {
	switch one := value.(type) {
	case string:
		switch {
		case len(f.Of) > 0:
			return f.Choice(one).In(p.Lang)
		case f.Type == "department":
			return p.department(one)
		}
	case []any:
		if len(f.Of) > 0 || f.Type == "department" {
			var all []string
			for _, v := range one {
				all = append(all, p.value(env, f, v))
			}
			return strings.Join(all, process.Text{ZH: "、", EN: ", "}.In(p.Lang))
		}
	case process.Money:
		if words := one.InWords(); words != "" {
			return one.String() + "\n" + process.Text{ZH: "（大写）", EN: "In words: "}.In(p.Lang) + words
		}
	}
	return env.Show(f, value, p.Lang)
}

// filesIn are the names of the files that a value holds.
func filesIn(value any) []string {
	switch v := value.(type) {
	case process.FileRef:
		return []string{v.Name}
	case []any:
		var names []string
		for _, one := range v {
			names = append(names, filesIn(one)...)
		}
		return names
	}
	return nil
}

// opinionsAtMost is how many entries of a timeline are looked through for opinions: more don't fit on paper that anybody reads.
const opinionsAtMost = 2000

// opinions are every decision of the case, in order, as its timeline shows them to the caller.
func (s *Server) opinions(ctx context.Context, v *visit, id string) ([]printedOpinion, error) {
	in := &timelineInput{IDInput: IDInput{ID: id}, Limit: 200}
	var out []printedOpinion
	for read := 0; read < opinionsAtMost; read += in.Limit {
		page, err := s.timeline(ctx, v, in)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Body.Items {
			if o, is := v.opinion(e); is {
				out = append(out, o)
			}
		}
		if page.Body.Next == nil {
			break
		}
		in.Cursor = *page.Body.Next
	}
	return out, nil
}

// decisions are the events that stand on paper.
var decisions = []string{"decided", "returned", "withdrawn", "revoked", "taken_back"}

// opinionWords are the words for what an entry itself does not name by an outcome of its step.
var opinionWords = map[string]process.Text{
	"returned": {ZH: "退回", EN: "Returned"}, "withdrawn": {ZH: "撤回", EN: "Withdrawn"}, "revoked": {ZH: "撤销", EN: "Revoked"}, "taken_back": {ZH: "收回", EN: "Taken back"},
}

func (v *visit) opinion(e entryBody) (printedOpinion, bool) {
	if !slices.Contains(decisions, e.Event) {
		return printedOpinion{}, false
	}
	o := printedOpinion{Step: textOf(e.Title), Who: v.text(process.Text{ZH: "系统", EN: "The system"}), Comment: textOf(e.Comment), At: v.minute(e.At)}
	if e.ItemTitle != nil {
		o.Step += " · " + *e.ItemTitle
	}
	if e.By != nil {
		o.Who = named(e, *e.By)
	}
	if e.For != nil && textOf(e.By) != *e.For {
		o.Who += v.text(process.Text{ZH: "（代 ", EN: " (for "}) + named(e, *e.For) + v.text(process.Text{ZH: "）", EN: ")"})
	}
	if words, special := opinionWords[e.Event]; special {
		o.Outcome = v.text(words)
	} else if o.Outcome = textOf(e.Outcome); e.Words[o.Outcome] != "" {
		o.Outcome = e.Words[o.Outcome]
	}
	if o.Comment == "" {
		o.Comment = textOf(e.Reason)
		if zh, ok := e.Data["zh"].(string); ok && v.lang() == "zh" {
			o.Comment = zh
		}
	}
	o.Signature, _ = e.Data["signature"].(string)
	o.file, _ = e.Data["signature_file"].(string)
	return o, true
}

func named(e entryBody, id string) string {
	if name := e.Names[id]; name != "" {
		return name
	}
	return id
}

func textOf(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
