package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Codes of refusals that only the server gives; the others are process.Code….
const (
	codeUnauthenticated process.Code = "unauthenticated"
	codeAlreadyExists   process.Code = "already_exists"
	codeTooLarge        process.Code = "too_large"
	codeUnavailable     process.Code = "unavailable"
	codeInternal        process.Code = "internal"
)

// kindOfProblem is one line of the table of codes.
type kindOfProblem struct {
	status int
	title  process.Text
}

// problems is the one table from code to HTTP status and title. A code that isn't in it is an internal error.
var problems = map[process.Code]kindOfProblem{
	codeUnauthenticated:           {http.StatusUnauthorized, process.Text{ZH: "请先登录", EN: "Please sign in"}},
	process.CodeForbidden:         {http.StatusForbidden, process.Text{ZH: "没有权限", EN: "Not allowed"}},
	process.CodeNotYourTask:       {http.StatusForbidden, process.Text{ZH: "不是您的任务", EN: "Not your task"}},
	process.CodeNotFound:          {http.StatusNotFound, process.Text{ZH: "没有找到", EN: "Not found"}},
	process.CodeTaskClosed:        {http.StatusConflict, process.Text{ZH: "任务已经结束", EN: "The task is closed"}},
	process.CodeContentChanged:    {http.StatusConflict, process.Text{ZH: "内容已经变化", EN: "The content has changed"}},
	process.CodeCaseEnded:         {http.StatusConflict, process.Text{ZH: "流程已经结束", EN: "The case has ended"}},
	process.CodeCaseSuspended:     {http.StatusConflict, process.Text{ZH: "流程已暂停", EN: "The case is suspended"}},
	process.CodeAlreadyOpen:       {http.StatusConflict, process.Text{ZH: "已有进行中的流程", EN: "A case is already open"}},
	process.CodeRecordLocked:      {http.StatusConflict, process.Text{ZH: "记录正在审批中", EN: "The record is under approval"}},
	codeAlreadyExists:             {http.StatusConflict, process.Text{ZH: "已经存在", EN: "It exists already"}},
	process.CodeVersionConflict:   {http.StatusPreconditionFailed, process.Text{ZH: "已被他人修改", EN: "Someone else changed it"}},
	codeTooLarge:                  {http.StatusRequestEntityTooLarge, process.Text{ZH: "内容过大", EN: "Too large"}},
	process.CodeFieldRequired:     {http.StatusUnprocessableEntity, process.Text{ZH: "有必填项未填", EN: "Something required is missing"}},
	process.CodeFieldNotWritable:  {http.StatusUnprocessableEntity, process.Text{ZH: "字段不可修改", EN: "The field can't be changed"}},
	process.CodeFieldInvalid:      {http.StatusUnprocessableEntity, process.Text{ZH: "填写有误", EN: "Something is not right"}},
	process.CodeCommentRequired:   {http.StatusUnprocessableEntity, process.Text{ZH: "请填写理由", EN: "Please give a reason"}},
	process.CodeSignatureRequired: {http.StatusUnprocessableEntity, process.Text{ZH: "需要签名", EN: "A signature is needed"}},
	process.CodeUnknownOutcome:    {http.StatusUnprocessableEntity, process.Text{ZH: "没有这个结果", EN: "No such outcome"}},
	process.CodeStepNotPassed:     {http.StatusUnprocessableEntity, process.Text{ZH: "该步骤尚未经过", EN: "The step hasn't been passed"}},
	process.CodeKeyReused:         {http.StatusUnprocessableEntity, process.Text{ZH: "幂等键已用于另一请求", EN: "The key was used for another request"}},
	process.CodeInvalid:           {http.StatusUnprocessableEntity, process.Text{ZH: "流程定义有误", EN: "The definition is not valid"}},
	process.CodeTooMany:           {http.StatusTooManyRequests, process.Text{ZH: "尝试过多，请稍后再试", EN: "Too many tries; wait a little"}},
	codeUnavailable:               {http.StatusServiceUnavailable, process.Text{ZH: "服务暂不可用", EN: "Not available just now"}},
	codeInternal:                  {http.StatusInternalServerError, process.Text{ZH: "内部错误", EN: "Internal error"}},
}

// retryAfter is what a caller is told to wait, in seconds, when PostgreSQL is away.
const retryAfter = 2

// Problem is the answer to what was refused or failed: RFC 9457, with a code to tell cases apart by and a text to show.
type Problem struct {
	Status    int            `json:"status" example:"422" doc:"The HTTP status"`
	Code      string         `json:"code" example:"field_required" doc:"What kind of problem, in one word; docs/problems.md lists them"`
	Title     string         `json:"title" doc:"The kind of problem, in the caller's language"`
	Detail    string         `json:"detail,omitempty" doc:"What happened here, in the caller's language"`
	Errors    []ProblemError `json:"errors,omitempty" doc:"Each thing wrong, at its field or place in a file"`
	DecidedBy string         `json:"decided_by,omitempty" doc:"With task_closed: who decided"`
	DecidedAt string         `json:"decided_at,omitempty" doc:"With task_closed: when"`
	Outcome   string         `json:"outcome,omitempty" doc:"With task_closed: what was decided"`
	AgainAt   string         `json:"again_at,omitempty" doc:"With too_many of urging: from when on it is possible again"`
	RequestID string         `json:"request_id,omitempty" doc:"With internal and unavailable: what to look for in the log"`

	wait int // seconds, for Retry-After; 0: no such header
}

// ProblemError is one thing wrong: with a field, or at a place in a definition file.
type ProblemError struct {
	Field   string `json:"field,omitempty"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

// Error makes a Problem an error that huma passes on as it is.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes the answer application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells callers when to come back.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(p.wait))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="crmflow"`)
	}
	return h
}

// invalid is the error of definition files that can't be used: every problem at once.
type invalid []process.Problem

func (i invalid) Error() string { return strconv.Itoa(len(i)) + " problems" }

// tooMany is the error of someone who has to wait.
type tooMany struct{ wait time.Duration }

func (t tooMany) Error() string { return "too many" }

// problemOf turns any error into what the caller is told. Causes go to the log, never into the answer.
func problemOf(ctx context.Context, err error) *Problem {
	v := visitOf(ctx)
	var (
		ready   *Problem
		refusal *process.Refusal
		files   invalid
		many    tooMany
		full    away
	)
	switch {
	case errors.As(err, &ready):
		return ready
	case errors.As(err, &refusal):
		return problemOfRefusal(v, refusal)
	case errors.As(err, &files):
		return problemOfFiles(v, files)
	case errors.Is(err, store.ErrNotFound):
		return problemOfRefusal(v, notFound())
	case errors.As(err, &many):
		p := newProblem(v, process.CodeTooMany, process.Text{})
		p.wait = max(1, int(many.wait.Round(time.Second)/time.Second))
		return p
	}
	if errors.As(err, &full) {
		p := newProblem(v, codeUnavailable, process.Text{ZH: "连接太多，请稍后再试。", EN: "There are too many connections; try again a little later."})
		p.wait = int(full.full / time.Second)
		return p
	}
	code := codeInternal
	detail := process.Text{ZH: "请稍后重试；如仍出现，请把请求编号告诉管理员。", EN: "Please try again; if it stays, give the administrator the request id."}
	if errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
		code = codeUnavailable
		detail = process.Text{ZH: "结果未知，请用同一个 Idempotency-Key 重试。", EN: "The outcome is unknown; repeat with the same key."}
	}
	slog.ErrorContext(ctx, "request failed", "request", v.id, "code", string(code), "error", err)
	p := newProblem(v, code, detail)
	p.RequestID = v.id
	if code == codeUnavailable {
		p.wait = retryAfter
	}
	return p
}

func problemOfRefusal(v *visit, r *process.Refusal) *Problem {
	p := newProblem(v, r.Code, r.Message)
	for _, f := range r.Fields {
		p.Errors = append(p.Errors, ProblemError{Field: f.Field, Message: f.Message.In(v.lang())})
	}
	if r.Decided != nil {
		p.DecidedBy, p.DecidedAt, p.Outcome = r.Decided.By, v.moment(r.Decided.At), r.Decided.Outcome
	}
	if !r.Again.IsZero() {
		p.AgainAt, p.wait = v.at(r.Again).Format(time.RFC3339), max(1, int(math.Ceil(r.Wait.Seconds())))
	}
	return p
}

func problemOfFiles(v *visit, found []process.Problem) *Problem {
	p := newProblem(v, process.CodeInvalid, process.Text{ZH: "没有发布任何内容。", EN: "Nothing was published."})
	p.Errors = located(v, found, false)
	return p
}

// located words what was found in definition files: the errors, or the warnings.
func located(v *visit, found []process.Problem, warnings bool) []ProblemError {
	out := []ProblemError{}
	for _, f := range found {
		if f.Warning == warnings {
			out = append(out, ProblemError{File: f.File, Line: f.Line, Column: f.Column, Message: f.Message.In(v.lang())})
		}
	}
	return out
}

func newProblem(v *visit, code process.Code, detail process.Text) *Problem {
	kind, known := problems[code]
	if !known {
		slog.Error("a code without a status", "code", string(code))
		code, kind, detail = codeInternal, problems[codeInternal], process.Text{}
	}
	return &Problem{Status: kind.status, Code: string(code), Title: kind.title.In(v.lang()), Detail: detail.In(v.lang())}
}

// init makes huma speak in our problems. huma keeps these as variables of its package, so they are set once for the process.
func init() {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return problemOfHuma(&visit{}, status, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return problemOfHuma(visitOf(ctx.Context()), status, errs)
	}
}

// problemOfHuma words what huma found wrong with a request before a handler saw it.
func problemOfHuma(v *visit, status int, errs []error) huma.StatusError {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return newProblem(v, codeTooLarge, process.Text{ZH: "请求内容超过上限。", EN: "The body is over the limit."})
	case status >= http.StatusInternalServerError:
		slog.Error("request failed", "request", v.id, "error", errors.Join(errs...))
		p := newProblem(v, codeInternal, process.Text{})
		p.RequestID = v.id
		return p
	}
	r := &process.Refusal{Code: process.CodeFieldRequired}
	for _, err := range errs {
		f, missing := fieldOf(err)
		if !missing {
			r.Code = process.CodeFieldInvalid
		}
		r.Fields = append(r.Fields, f)
	}
	if len(r.Fields) == 0 {
		r.Code = process.CodeFieldInvalid
		r.Fields = []process.FieldError{{Field: "body", Message: process.Text{ZH: "请求内容无法读取，应为 JSON", EN: "the body can't be read; JSON is expected"}}}
	}
	r.Message = process.Text{ZH: "请检查标出的内容。", EN: "Please check what is marked."}
	return problemOfRefusal(v, r)
}

// fieldOf gives the field a finding of huma is about, and says whether the field was missing.
func fieldOf(err error) (f process.FieldError, missing bool) {
	d := &huma.ErrorDetail{Message: err.Error(), Location: "body"}
	var detailer huma.ErrorDetailer
	if errors.As(err, &detailer) {
		d = detailer.ErrorDetail()
	}
	where := d.Location
	for _, prefix := range []string{"body.", "query.", "path.", "header."} {
		where = strings.TrimPrefix(where, prefix)
	}
	if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		name, _, _ = strings.Cut(name, " ")
		if where != "body" && where != "" {
			name = where + "." + name
		}
		return process.FieldError{Field: name, Message: process.Text{ZH: "必填", EN: "is required"}}, true
	}
	if strings.HasPrefix(d.Message, "required ") || strings.Contains(d.Message, "body is required") {
		return process.FieldError{Field: cmp.Or(where, "body"), Message: process.Text{ZH: "必填", EN: "is required"}}, true
	}
	return process.FieldError{Field: cmp.Or(where, "body"), Message: findingText(d.Message)}, false
}

// findings are the Chinese words for what huma's validation says, by how its sentence begins.
var findings = []struct{ begins, zh, en string }{
	{"unexpected property", "没有这个字段", "is not known here"},
	{"unknown query parameter", "没有这个参数", "is not known here"},
	{"expected string to be RFC 3339 date-time", "应为带时区的时间，例如 2026-09-29T15:00:00+08:00", ""},
	{"expected string to be RFC 3339 date", "应为日期，例如 2026-09-29", ""},
	{"invalid date/time for format", "应为带时区的时间，例如 2026-09-29T15:00:00+08:00", "write a moment with its zone, as 2026-09-29T15:00:00+08:00"},
	{"expected string to match pattern", "格式不对", ""},
	{"expected string to be ", "格式不对", ""},
	{"expected boolean", "应为 true 或 false", ""},
	{"expected integer", "应为整数", ""},
	{"invalid integer", "应为整数", ""},
	{"expected number >=", "太小", ""},
	{"expected number <=", "太大", ""},
	{"expected number", "应为数字", ""},
	{"expected string", "应为文字", ""},
	{"expected array length", "个数不对", ""},
	{"expected array", "应为列表", ""},
	{"expected object", "应为对象", ""},
	{"expected value to be one of", "不在可选值之中", ""},
	{"expected length >=", "太短", ""},
	{"expected length <=", "太长", ""},
	{"invalid character", "不是有效的 JSON", "is not valid JSON"},
	{"unexpected end of JSON", "不是有效的 JSON", "is not valid JSON"},
	{"unknown content type", "应为 application/json", "must be application/json"},
	{"expected at most one value", "只能有一个值", ""},
}

func findingText(said string) process.Text {
	for _, f := range findings {
		if strings.HasPrefix(said, f.begins) {
			return process.Text{ZH: f.zh, EN: cmp.Or(f.en, said)}
		}
	}
	return process.Text{ZH: "填写有误：" + said, EN: said}
}

// fieldInvalid refuses one field.
func fieldInvalid(field, zh, en string) *process.Refusal {
	return &process.Refusal{
		Code: process.CodeFieldInvalid, Message: process.Text{ZH: "请检查标出的内容。", EN: "Please check what is marked."},
		Fields: []process.FieldError{{Field: field, Message: process.Text{ZH: zh, EN: en}}},
	}
}

// notFound refuses what isn't there, or isn't there for this caller: the two look alike.
func notFound() *process.Refusal {
	return process.Refuse(process.CodeNotFound, "不存在，或您看不到。", "It doesn't exist, or not for you.")
}
