package store

import (
	"strconv"
	"time"

	"github.com/crmflow/crmflow/process"
)

// Viewer is who a list is made for. It holds only what they may see.
type Viewer struct {
	User       string
	Principals []string       // everything they are one of: "user:…", "role:…"
	All        bool           // an administrator sees everything
	Access     process.Access // what the rights come to for them
}

// Page is the part of a list that is asked for: at most Limit rows after the place After.
type Page struct {
	Limit int
	After *Place // nil: from the beginning
}

// Place is where a page ended: the last row's sort value and id. Rows that come or go meanwhile move nothing.
type Place struct {
	At *time.Time `json:"at,omitempty"` // nil: rows without a sort value, which come last
	ID string     `json:"id"`
}

// limit is the LIMIT clause for one row more than the page holds. It is a number and no argument, so that the plan is made for a page and not for the table.
func (p Page) limit() string { return " LIMIT " + strconv.Itoa(p.Limit+1) }

// id gives a page's place as an argument; a page from the beginning begins at null.
func (p Page) id() *string {
	if p.After == nil {
		return nil
	}
	return &p.After.ID
}
