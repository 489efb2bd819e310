package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The other documents of the language page, word for word.
func TestTheOtherDocuments(t *testing.T) {
	t.Parallel()
	base := loadLanguage(t, "lead-review", "lead", "customer", "cn-office")
	lib, problems := Load(readFiles(t, "language/complaint.yaml", "language/quote.yaml", "language/complaint-limit.yaml", "language/rights.yaml"), base, nil)
	require.Equal(t, "rights.yaml:8:7: warning: there is no process `complaint` yet\n    8 |       complaint: {start: true, see: my_cases}\n      |       ^\n", render(problems, "en"))

	photos := lib.Types["complaint"].Field("photos")
	require.Equal(t, []string{"image"}, photos.Accept)
	require.Equal(t, int64(20<<20), photos.MaxSize)

	require.Equal(t, []Grant{
		{Who: "role:sales", At: Position{"rights.yaml", 2, 3}, Records: map[string]RecordRights{
			"lead": {See: []string{SeeMine}, Create: true, Change: []string{SeeMine}}, "quote": {See: []string{SeeMine}, Create: true, Change: []string{SeeMine}},
			"complaint": {See: []string{SeeMine, SeeMyCases}, Create: true, Change: []string{SeeMine}, Hide: []string{"cause"}},
		}, Processes: map[string]CaseRights{"complaint": {Start: true, See: []string{SeeMyCases}}}},
		{Who: "role:sales-manager", At: Position{"rights.yaml", 9, 3}, Records: map[string]RecordRights{
			"lead": {See: []string{SeeBelow}, Mask: map[string]string{"phone": "138****1234"}}}, Processes: map[string]CaseRights{}},
		{Who: "department:quality", At: Position{"rights.yaml", 12, 3}, Records: map[string]RecordRights{"complaint": {See: []string{SeeAll}}}, Processes: map[string]CaseRights{}},
	}, lib.Rights.Grants)

	chain := "process: p\nrecord: complaint\nstart: {by: [role:sales]}\nsteps:\n  - decide: complaint-limit\n  - end: done\n"
	bound, problems := Load([]File{{Path: "p", Content: chain}}, &Library{Types: merged(base.Types, lib.Types), Tables: lib.Tables}, nil)
	require.Empty(t, render(problems, "en"))
	table := bound.Processes["p"].Tables["complaint-limit"]
	for severity, want := range map[string]string{"A": "1 working day", "B": "2 working days", "C": "5 working days"} {
		limit, err := table.Limit(Env{Record: Record{Fields: Fields{"severity": severity}}})
		require.NoError(t, err)
		require.Equal(t, want, limit.String())
	}
	_, err := table.Limit(Env{})
	require.EqualError(t, err, "no row of the table complaint-limit applies: severity: –")
}

func quoteType(t *testing.T) *RecordType {
	lib := loadLanguage(t, "customer", "quote", "lead-review", "lead")
	return lib.Types["quote"]
}

func TestAQuoteAddsUpItsLines(t *testing.T) {
	t.Parallel()
	quote := quoteType(t)
	lines := []map[string]any{{"quantity": 2.0, "price": yuan(10)}, {"quantity": 3.0, "price": yuan(5)}, {"product": "free"}}
	given := Fields{"lines": lines, "amount": yuan(1)}
	got := quote.Compute(given, nil)
	require.Equal(t, yuan(35), got["amount"])
	require.Equal(t, yuan(1), given["amount"], "the argument isn't changed")
	require.NotContains(t, quote.Compute(Fields{"amount": yuan(1)}, nil), "amount", "nothing to add up")
	mixed := Fields{"lines": []map[string]any{{"quantity": 1.0, "price": yuan(1)}, {"quantity": 1.0, "price": Money{1, "USD"}}}}
	require.NotContains(t, quote.Compute(mixed, nil), "amount", "two currencies")

	_, wrong := quote.Decode(map[string]any{"amount": map[string]any{"amount": 1, "currency": "CNY"}})
	require.Equal(t, []FieldError{{Field: "amount", Message: Text{ZH: "amount：由系统计算，不能填写", EN: "amount: the system computes it; nobody fills it in"}}}, wrong)
	restored, err := quote.Restore([]byte(`{"amount": {"amount": 3500, "currency": "CNY"}}`))
	require.NoError(t, err, "what is stored is read")
	require.Equal(t, Fields{"amount": yuan(35)}, restored)
	require.Equal(t, "price_history", quote.Supplied()[0].Name)
	require.Nil(t, quote.Field("price_history"))
}

func TestEventsHappenWhenTheirConditionBecomesTrue(t *testing.T) {
	t.Parallel()
	quote := quoteType(t)
	for _, c := range []struct {
		was, is Fields
		want    []string
	}{
		{nil, Fields{"status": "draft"}, nil},
		{nil, Fields{"status": "sent"}, []string{"quote.sent"}},
		{Fields{"status": "draft"}, Fields{"status": "sent"}, []string{"quote.sent"}},
		{Fields{"status": "sent"}, Fields{"status": "sent", "lost_reason": "x"}, nil},
		{Fields{"status": "sent"}, Fields{"status": "accepted"}, []string{"quote.accepted"}},
		{Fields{"status": "accepted"}, Fields{"status": "sent"}, []string{"quote.sent"}},
		{Fields{}, Fields{}, nil},
	} {
		require.Equal(t, c.want, quote.Happened(c.was, c.is, nil))
	}
}

func TestComputedFieldsSeeEachOtherAndOtherRecords(t *testing.T) {
	t.Parallel()
	lib, problems := Load([]File{{Path: "r", Content: `
record: order
fields:
  total:  {type: money, is: record.net + record.tax}
  tax:    {type: money, is: record.net * record.client.rate}
  net:    {type: money, is: record.price * pieces}
  pieces: {type: number, at_least: 1}
  price:  {type: money}
  client: {type: reference, to: client}
emits: {order.large: total > 100 CNY, order.rich: any of clients.rate > 10%}
---
record: client
fields: {rate: {type: percent}}
`}}, nil, nil)
	require.Contains(t, render(problems, "en"), "r:10:58: an expression has no word `clients`; did you mean `client`?")
	order := lib.Types["order"]
	client := Reference{Type: "client", ID: "c"}
	got := order.Compute(Fields{"pieces": 2.0, "price": yuan(50), "client": client}, shelf{"c": {Fields: Fields{"rate": 6.0}}})
	require.Equal(t, []any{yuan(100), yuan(6), yuan(106)}, []any{got["net"], got["tax"], got["total"]})
	require.Equal(t, []string{"order.large"}, order.Happened(nil, got, nil))
	got = order.Compute(got, shelf{})
	require.NotContains(t, got, "total", "the client is unknown, so its rate is empty")
	_, wrong := order.Decode(map[string]any{"pieces": 0.5})
	require.Equal(t, "pieces: it can't be less than 1", wrong[0].Message.EN)
}

func TestKindsOfExpressions(t *testing.T) {
	t.Parallel()
	lib, problems := Load([]File{{Path: "r", Content: exprRecord}}, nil, nil)
	require.Empty(t, problems)
	typ := lib.Types["order"]
	at := func(s string) *node { return &node{kind: nodeText, text: s, line: 1, column: 1} }
	fresh := func() *chainLoader {
		return &chainLoader{loader: &loader{loadSet: &loadSet{lib: lib, base: NewLibrary()}}, p: &Process{Type: typ, Types: map[string]*RecordType{}}}
	}
	for source, want := range map[string]any{
		`record.client.parent.boss`: "zhou.min", `record.crew`: []any{"li.na", "sun.wei"}, `record.flag ? initiator : record.client.owner`: "li.na",
		`record.text`: "must be a person", `record.number`: "must be a person", `record.tags`: "must be a person",
	} {
		c := fresh()
		e := c.celPerson(at(source))
		check(t, c, e, want)
	}
	for source, want := range map[string]any{
		`record.day`: "2026-11-21", `record.moment`: "2026-11-21T15:00:00+08:00", `max of record.wares.day`: "2026-12-01", `record.text`: "it is a text",
	} {
		c := fresh()
		check(t, c, c.moment(at(source)), want)
	}
	for source, want := range map[string]string{
		`record.crew`: typePerson, `record.wares`: typeLines, `record.clients`: typeReference, `["a", "b"]`: typeText, `record.flag ? record.tags : ["x"]`: typeText,
		`record.text`: "", `[1, 2]`: "",
	} {
		c := fresh()
		e, item := c.listExpr(at(source))
		if want == "" {
			require.Nil(t, e, source)
			require.Contains(t, render(c.problems, "en"), "must be a list")
			continue
		}
		require.NotNil(t, e, render(c.problems, "en"))
		require.Equal(t, want, item.Type, source)
		require.False(t, item.Many)
	}
}

func check(t *testing.T, c *chainLoader, e *Expr, want any) {
	t.Helper()
	if e == nil {
		require.Contains(t, render(c.problems, "en"), want)
		return
	}
	got, err := e.Value(wares())
	require.NoError(t, err)
	require.Equal(t, want, got)
}
