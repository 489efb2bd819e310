package server

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crmflow/crmflow/store"
)

// PageInput is the part of a list's query that says which page.
type PageInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
	Cursor string `query:"cursor" maxLength:"400" doc:"Where to go on: next of the page before"`
}

// list is a page of a list. Next is the cursor of the page after it; null at the end.
type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next" doc:"Cursor of the next page; null at the end"`
}

// cursor is what stands in a cursor: where a page ended, and of which list, so that it isn't used for another.
type cursor struct {
	List string `json:"l"`
	store.Place
}

// page reads where to go on in a list.
func (p PageInput) page(of string) (store.Page, error) {
	page := store.Page{Limit: p.Limit}
	if p.Cursor == "" {
		return page, nil
	}
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil || c.List != of || c.ID == "" || len(c.ID) > 200 || !utf8.Valid(raw) || strings.ContainsRune(c.ID, 0) {
		return page, badCursor()
	}
	page.After = &c.Place
	return page, nil
}

// numbered reads where to go on in a list whose rows have numbers of so many bits.
func (p PageInput) numbered(of string, bits int) (store.Page, error) {
	page, err := p.page(of)
	if err != nil || page.After == nil {
		return page, err
	}
	if n, err := strconv.ParseInt(page.After.ID, 10, bits); err != nil || n < 0 {
		return page, badCursor()
	}
	return page, nil
}

func badCursor() error {
	return fieldInvalid("cursor", "不是此列表的翻页标记", "isn't a cursor of this list")
}

// listOf makes a page of rows, each worded by make.
func listOf[R, T any](of string, rows []R, next *store.Place, word func(R) T) list[T] {
	l := list[T]{Items: make([]T, len(rows))}
	for i, r := range rows {
		l.Items[i] = word(r)
	}
	if next != nil {
		raw, _ := json.Marshal(cursor{List: of, Place: *next}) // a time and two strings: it can't fail
		text := base64.RawURLEncoding.EncodeToString(raw)
		l.Next = &text
	}
	return l
}

// listOfNames makes a page of what is known by name and few enough to be at hand: ids in order, each worded by make.
func listOfNames[T any](of string, ids []string, in PageInput, word func(string) T) (*struct{ Body list[T] }, error) {
	page, err := in.page(of)
	if err != nil {
		return nil, err
	}
	if page.After != nil {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id <= page.After.ID })
	}
	var next *store.Place
	if len(ids) > page.Limit {
		ids = ids[:page.Limit]
		next = &store.Place{ID: ids[len(ids)-1]}
	}
	return &struct{ Body list[T] }{listOf(of, ids, next, word)}, nil
}
