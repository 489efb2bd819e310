// Package notify tells people outside of the page: a file for each channel. It decides nothing about who is told what.
package notify

import (
	"context"
	"strings"
	"unicode"
)

// Letter is one message to one person, worded.
type Letter struct {
	Key          string // the same at every attempt, and of no other message
	Notification int64
	Address      string
	Subject      string
	Text, HTML   string
}

// Sender opens connections to whatever carries letters.
type Sender interface {
	Open(ctx context.Context) (Session, error)
}

// Session sends letters one after another. After an error that isn't a [*Refused] it is of no use any more.
type Session interface {
	Send(ctx context.Context, l Letter) error
	Close() error
}

// Refused says that one letter wasn't taken, and others may be. Final: nor will it be later.
type Refused struct {
	Final bool
	Err   error
}

func (r *Refused) Error() string { return r.Err.Error() }

// Unwrap gives the reason.
func (r *Refused) Unwrap() error { return r.Err }

// maxLine is how many characters one line of a header has at most.
const maxLine = 200

// Line makes one line of a text: a line break in it, or anything else that doesn't print, can't begin another header.
func Line(text string) string {
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if runes := []rune(line); len(runes) > maxLine {
		return string(runes[:maxLine-1]) + "…"
	}
	return line
}
