package process

import (
	"fmt"
	"time"
)

// Code says in one word why something was refused. The server maps each to one HTTP status.
type Code string

// The codes of refusals.
const (
	CodeForbidden         Code = "forbidden"
	CodeNotYourTask       Code = "not_your_task"
	CodeNotFound          Code = "not_found"
	CodeTaskClosed        Code = "task_closed"
	CodeContentChanged    Code = "content_changed"
	CodeCaseEnded         Code = "case_ended"
	CodeCaseSuspended     Code = "case_suspended"
	CodeAlreadyOpen       Code = "already_open"
	CodeRecordLocked      Code = "record_locked"
	CodeVersionConflict   Code = "version_conflict"
	CodeFieldRequired     Code = "field_required"
	CodeFieldNotWritable  Code = "field_not_writable"
	CodeFieldInvalid      Code = "field_invalid"
	CodeCommentRequired   Code = "comment_required"
	CodeSignatureRequired Code = "signature_required"
	CodeUnknownOutcome    Code = "unknown_outcome"
	CodeStepNotPassed     Code = "step_not_passed"
	CodeKeyReused         Code = "key_reused"
	CodeInvalid           Code = "definition_invalid"
	CodeTooMany           Code = "too_many"
)

// Refusal is a clear no: why, in words for the person who asked, and nothing was changed. It is a value that callers pass on, never an infrastructure error.
type Refusal struct {
	Code    Code
	Message Text
	Fields  []FieldError
	// Decided is set with CodeTaskClosed: who decided what and when.
	Decided *Decided
	// Again is set with CodeTooMany: the business moment from which on it is possible, and Wait, how long that is by the machine's clock.
	Again time.Time
	Wait  time.Duration
}

// FieldError is what is wrong with one field.
type FieldError struct {
	Field   string
	Message Text
}

// Decided says how a task was closed.
type Decided struct {
	By      string
	At      string // RFC 3339
	Outcome string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Code, r.Message.EN) }

// Refuse makes a refusal.
func Refuse(code Code, zh, en string) *Refusal {
	return &Refusal{Code: code, Message: Text{ZH: zh, EN: en}}
}
