package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// PlanNode is a part of a plan as EXPLAIN tells it, with what it came to.
type PlanNode struct {
	Type    string     `json:"Node Type"`
	Table   string     `json:"Relation Name"`
	Index   string     `json:"Index Name"`
	Rows    float64    `json:"Actual Rows"`
	Loops   float64    `json:"Actual Loops"`
	Removed float64    `json:"Rows Removed by Filter"`
	Recheck float64    `json:"Rows Removed by Index Recheck"`
	Hit     int        `json:"Shared Hit Blocks"`
	Read    int        `json:"Shared Read Blocks"`
	Plans   []PlanNode `json:"Plans"`
}

// Plan is how a statement was carried out.
type Plan struct {
	SQL  string
	Text string
	Node PlanNode
}

// Explained gives a database whose boxes and searches are read as ever, and whose plans – those that every caller gets, made for any arguments – are kept.
func (db *DB) Explained() (*DB, *[]Plan) {
	plans := &[]Plan{}
	other := *db
	other.byKey = querier{q: explaining{db.lists, plans}}
	return &other, plans
}

type explaining struct {
	*sqlx.DB
	plans *[]Plan
}

func (e explaining) QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error) {
	if err := e.explain(ctx, query, args); err != nil {
		return nil, err
	}
	return e.DB.QueryxContext(ctx, query, args...)
}

func (e explaining) QueryRowxContext(ctx context.Context, query string, args ...any) *sqlx.Row {
	if err := e.explain(ctx, query, args); err != nil {
		panic(err)
	}
	return e.DB.QueryRowxContext(ctx, query, args...)
}

func (e explaining) explain(ctx context.Context, query string, args []any) error {
	c, err := e.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := c.ExecContext(ctx, `PREPARE explained AS `+query); err != nil {
		return err
	}
	defer func() { _, _ = c.ExecContext(ctx, `DEALLOCATE explained`) }()
	execute := `EXECUTE explained` + quoted(args)
	if err := drain(ctx, c, execute); err != nil { // so that what is counted is not the look at the catalogue
		return err
	}
	var raw string
	if err := c.QueryRowContext(ctx, `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+execute).Scan(&raw); err != nil {
		return err
	}
	var top []struct{ Plan PlanNode }
	if err := json.Unmarshal([]byte(raw), &top); err != nil {
		return err
	}
	*e.plans = append(*e.plans, Plan{SQL: query, Text: raw, Node: top[0].Plan})
	return nil
}

func drain(ctx context.Context, c *sql.Conn, query string) error {
	_, err := c.ExecContext(ctx, query)
	return err
}

// quoted writes arguments into a statement.
func quoted(args []any) string {
	if len(args) == 0 {
		return ""
	}
	out := make([]string, len(args))
	for i, arg := range args {
		if v, ok := arg.(driver.Valuer); ok {
			arg, _ = v.Value()
		}
		switch v := arg.(type) {
		case time.Time:
			arg = v.Format(time.RFC3339Nano)
		case *time.Time:
			arg = v.Format(time.RFC3339Nano)
		case []byte:
			arg = string(v)
		}
		out[i] = pq.QuoteLiteral(fmt.Sprint(arg))
	}
	return "(" + strings.Join(out, ", ") + ")"
}
