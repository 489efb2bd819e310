package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
)

// columns are the columns of a row, in the order of its struct.
type columns []string

// of lists the columns of the table that has this alias, for SELECT into the row itself.
func (c columns) of(alias string) string {
	return alias + "." + strings.Join(c, ", "+alias+".")
}

// in lists the columns for SELECT into a struct that holds the row in a field tagged with this alias.
func (c columns) in(alias string) string {
	list := make([]string, len(c))
	for i, name := range c {
		list[i] = fmt.Sprintf(`%s.%s AS "%s.%s"`, alias, name, alias, name)
	}
	return strings.Join(list, ", ")
}

// JSON is a value kept in a jsonb column. SQL null reads as the zero value.
type JSON[T any] struct{ V T }

// Of wraps a value for a jsonb column.
func Of[T any](v T) JSON[T] { return JSON[T]{V: v} }

// Scan reads the column.
func (j *JSON[T]) Scan(src any) error {
	switch s := src.(type) {
	case nil:
		var zero T
		j.V = zero
		return nil
	case []byte:
		return json.Unmarshal(s, &j.V)
	case string:
		return json.Unmarshal([]byte(s), &j.V)
	}
	return fmt.Errorf("store: cannot read JSON from %T", src)
}

// Value writes the column.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// MarshalJSON writes only the value, for rows that are sent as one JSON document.
func (j JSON[T]) MarshalJSON() ([]byte, error) { return json.Marshal(j.V) }

// UnmarshalJSON reads only the value.
func (j *JSON[T]) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &j.V) }
