package process

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const valueRecord = `
record: thing
title: 东西
fields:
  text:    {type: text, title: {zh: 名称, en: Name}, required: true}
  long:    {type: text, long: true}
  phone:   {type: phone}
  email:   {type: email}
  choice:  {type: choice, of: [a, b], default: b}
  person:  {type: person, default: creator, required: true}
  section: {type: department, many: true, of: [purchasing, production]}
  number:  {type: number, default: 3}
  percent: {type: percent, default: 15%}
  money:   {type: money, default: 50万 CNY}
  day:     {type: date, default: today}
  moment:  {type: datetime}
  flag:    {type: yes_no, default: no}
  ref:     {type: reference, to: thing}
  file:    {type: file}
  files:   {type: file, many: true}
  lines:   {type: lines, key: product, of: {product: {type: text, required: true}, price: {type: money}}, default: [{product: x, price: 5 CNY}]}
  parts:   {type: lines, key: no, of: {no: {type: number}, note: {type: text}}}
`

func valueType(t testing.TB) *RecordType {
	t.Helper()
	lib, problems := Load([]File{{Path: "thing.yaml", Content: valueRecord}}, nil, nil)
	require.Empty(t, render(problems, "en"))
	return lib.Types["thing"]
}

func fromJSON(t testing.TB, text string) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &m))
	return m
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		json  string
		want  Fields
		wrong []string // field: part of the English message
	}{
		"all types": {
			`{"text": "海川", "long": "l", "phone": "+86 21 5555-0000", "email": "li.na@example.com", "choice": "a", "person": "li.na", "section": ["production"],
			  "number": 1.5, "percent": 15, "money": {"amount": 120000, "currency": "CNY"}, "day": "2026-02-28", "moment": "2026-11-21T15:00:00+08:00", "flag": false,
			  "ref": {"type": "thing", "id": "t1"}, "file": {"id": "f", "name": "a.pdf", "size": 5, "sha256": "ab"}, "lines": [{"product": "p", "price": {"amount": -1, "currency": "JPY"}}]}`,
			Fields{
				"text": "海川", "long": "l", "phone": "+86 21 5555-0000", "email": "li.na@example.com", "choice": "a", "person": "li.na", "section": []any{"production"},
				"number": 1.5, "percent": 15.0, "money": Money{120000, "CNY"}, "day": "2026-02-28", "moment": "2026-11-21T15:00:00+08:00", "flag": false,
				"ref": Reference{Type: "thing", ID: "t1"}, "file": FileRef{"f", "a.pdf", 5, "ab"}, "lines": []map[string]any{{"product": "p", "price": Money{-1, "JPY"}}},
			}, nil,
		},
		"emptied": {
			`{"text": null, "long": "", "section": [], "number": null, "lines": [], "phone": "  "}`,
			Fields{"text": nil, "long": nil, "section": nil, "number": nil, "lines": nil, "phone": nil}, nil,
		},
		"everything wrong at once": {
			`{"tex": "x", "text": 5, "choice": "c", "money": 5, "day": "2026-02-30", "moment": "2026-02-01", "flag": "yes", "number": "5", "percent": "15%",
			  "phone": "call me", "email": "li.na", "ref": "t1", "file": "f", "files": {"id": "f"}, "section": ["hr"], "lines": [{"price": 5, "colour": "x"}, 7]}`,
			Fields{}, []string{
				"choice: isn't a choice", "day: send a date", "email: e-mail", "file: upload", "files: send a list", "flag: send true or false", "lines: send lines",
				"moment: with its zone", "money: minor units", "number: send a number", "percent: 15 means 15 %", "phone: phone number", "ref: point at a record",
				"section[0]: isn't a choice", "tex: did you mean text?", "text: Name: send a text",
			},
		},
		"lines":             {`{"lines": [{"price": 5, "colour": "x"}]}`, Fields{}, []string{"lines[0].colour: no field", "lines[0].price: minor units", "lines[0].product: please fill in"}},
		"no currency":       {`{"money": {"amount": 5}}`, Fields{}, []string{"money: minor units"}},
		"unknown currency":  {`{"money": {"amount": 5, "currency": "ABC"}}`, Fields{}, []string{"money: no currency ABC"}},
		"a fraction of 分":   {`{"money": {"amount": 5.5, "currency": "CNY"}}`, Fields{}, []string{"money: minor units"}},
		"money beyond":      {`{"money": {"amount": 1e300, "currency": "CNY"}}`, Fields{}, []string{"money: minor units"}},
		"a Chinese mobile":  {`{"phone": "13800001234"}`, Fields{"phone": "13800001234"}, nil},
		"an extension":      {`{"phone": "(021) 5555 0000 转 12"}`, Fields{"phone": "(021) 5555 0000 转 12"}, nil},
		"four digits":       {`{"phone": "1234"}`, Fields{}, []string{"phone: phone number"}},
		"21 digits":         {`{"phone": "123456789012345678901"}`, Fields{}, []string{"phone: phone number"}},
		"another type":      {`{"ref": {"type": "customer", "id": "c1"}}`, Fields{}, []string{"ref: point at"}},
		"a stranger's key":  {`{"ref": {"id": "c1", "x": 1}}`, Fields{}, []string{"ref: point at"}},
		"the type left out": {`{"ref": {"id": "t1"}}`, Fields{"ref": Reference{Type: "thing", ID: "t1"}}, nil},
		"NUL":               {`{"text": "a\u0000b"}`, Fields{}, []string{"text: can't be kept"}},
		"too long":          {`{"text": "` + strings.Repeat("字", 1001) + `"}`, Fields{}, []string{"text: at most 1000"}},
		"long enough":       {`{"long": "` + strings.Repeat("字", 20001) + `"}`, Fields{}, []string{"long: at most 20000"}},
		"a line twice":      {`{"lines": [{"product": "p"}, {"product": "q"}, {"product": "p"}]}`, Fields{}, []string{"lines[2].product: line 1 has it already"}},
		"a numbered line":   {`{"parts": [{"no": 1}, {"no": 1.5}]}`, Fields{"parts": []map[string]any{{"no": 1.0}, {"no": 1.5}}}, nil},
		"a line's number":   {`{"parts": [{"no": 1}, {"note": "x"}, {"no": 1}]}`, Fields{}, []string{"parts[1].no: every line needs its", "parts[2].no: line 1 has it already"}},
		"no size":           {`{"file": {"id": "f"}}`, Fields{"file": FileRef{ID: "f"}}, nil},
		"negative size":     {`{"file": {"id": "f", "size": -1}}`, Fields{}, []string{"file: upload"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, wrong := valueType(t).Decode(fromJSON(t, c.json))
			require.Equal(t, c.want, got)
			require.Len(t, wrong, len(c.wrong), "%v", wrong)
			for i, w := range wrong {
				field, part, _ := strings.Cut(c.wrong[i], ": ")
				require.Equal(t, field, w.Field)
				require.Contains(t, w.Message.EN, part)
				require.NotEmpty(t, w.Message.ZH)
			}
		})
	}
}

func TestDefaultsAndMissing(t *testing.T) {
	t.Parallel()
	typ := valueType(t)
	f := typ.Defaults("li.na", "2026-11-21")
	require.Equal(t, Fields{
		"choice": "b", "person": "li.na", "number": 3.0, "percent": 15.0, "money": Money{50_000_000, "CNY"}, "day": "2026-11-21", "flag": false,
		"lines": []map[string]any{{"product": "x", "price": Money{500, "CNY"}}},
	}, f)
	require.Equal(t, []FieldError{{Field: "text", Message: Text{ZH: "请填写：名称", EN: "please fill in: Name"}}}, typ.Missing(f))
	require.Len(t, typ.Missing(Fields{"text": "  "}), 2)
	require.Empty(t, typ.Missing(f.With(Fields{"text": "x"})))
	require.NotNil(t, typ.Field("money").Accepts(5))
	require.Nil(t, typ.Field("money").Accepts(nil))
	require.Nil(t, typ.Field("money").Accepts(Money{1, "CNY"}))
}

func TestWith(t *testing.T) {
	t.Parallel()
	before := Fields{"a": 1.0, "b": "x"}
	require.Equal(t, Fields{"a": 2.0, "c": true}, before.With(Fields{"a": 2.0, "b": nil, "c": true}))
	require.Equal(t, Fields{"a": 1.0, "b": "x"}, before)
	require.Equal(t, Fields{}, Fields(nil).With(nil))
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	typ := valueType(t)
	for _, raw := range []string{`{`, `{"money": 5}`, `[]`} {
		_, err := typ.Restore([]byte(raw))
		require.Error(t, err, raw)
	}
	f, err := typ.Restore([]byte(`{"choice": "no longer one", "text": null, "gone": 1, "lines": [{"product": "p", "gone": 1}]}`))
	require.NoError(t, err)
	require.Equal(t, Fields{"choice": "no longer one", "lines": []map[string]any{{"product": "p"}}}, f, "a field and a column that the type has no more are left out")
}

// fieldsOf draws values for every field of the type of these tests.
func fieldsOf(t *rapid.T) Fields {
	text := rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return r != 0 }), 1, 20, -1).Filter(func(s string) bool { return !blank(s) })
	money := rapid.Custom(func(t *rapid.T) Money {
		return Money{rapid.Int64Range(-1<<53+1, 1<<53-1).Draw(t, "amount"), rapid.SampledFrom([]string{"CNY", "USD", "JPY"}).Draw(t, "currency")}
	})
	all := Fields{
		"text": text.Draw(t, "text"), "choice": rapid.SampledFrom([]string{"a", "b"}).Draw(t, "choice"), "number": rapid.Float64Range(-1e12, 1e12).Draw(t, "number"),
		"money": money.Draw(t, "money"), "flag": rapid.Bool().Draw(t, "flag"), "day": "2026-11-21", "section": []any{"production", "purchasing"},
		"ref":  Reference{"thing", text.Draw(t, "id"), text.Draw(t, "title")},
		"file": FileRef{"f1", text.Draw(t, "name"), rapid.Int64Range(0, 1<<40).Draw(t, "size"), "00ff"}, "files": []any{FileRef{ID: "f"}},
		"lines": []map[string]any{{"product": text.Draw(t, "product"), "price": money.Draw(t, "price")}},
	}
	for name := range all {
		if rapid.Bool().Draw(t, "without") {
			delete(all, name)
		}
	}
	return all
}

// What is stored comes back as it was, and canonical values decode to themselves.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	typ := valueType(t)
	rapid.Check(t, func(t *rapid.T) {
		fields := fieldsOf(t)
		text, err := json.Marshal(fields)
		require.NoError(t, err)
		again, err := typ.Restore(text)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(fields, again))
		decoded, wrong := typ.Decode(fields)
		require.Empty(t, wrong)
		require.Empty(t, cmp.Diff(fields, decoded))
	})
}

func TestDigest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fields := fieldsOf(t)
		names := slices.Sorted(maps.Keys(fields))
		digest := Digest(fields, names)
		require.Regexp(t, `^sha256:[0-9a-f]{64}$`, digest)
		reversed := slices.Clone(names)
		slices.Reverse(reversed)
		require.Equal(t, digest, Digest(fields, append(reversed, "nothing")))
		require.Equal(t, digest, Digest(fields.With(Fields{"other": "x"}), names))
		if len(names) > 0 {
			require.NotEqual(t, digest, Digest(fields.With(Fields{names[0]: nil}), names))
		}
	})
	a := Fields{"ref": Reference{"thing", "1", "old name"}, "lines": []map[string]any{{"r": Reference{"thing", "1", "old"}}}}
	b := Fields{"ref": Reference{"thing", "1", "new name"}, "lines": []map[string]any{{"r": Reference{"thing", "1", "new"}}}}
	require.Equal(t, Digest(a, []string{"ref", "lines"}), Digest(b, []string{"ref", "lines"}))
	// The form of a digest is kept with decisions, so it must never change.
	require.Equal(t, "sha256:c3cd7799e2423219521f13e35178ad75b7e11764095b01b73b5b58ac9a01d662", Digest(Fields{"text": "海川", "money": Money{5, "CNY"}}, []string{"text", "money"}))
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	for pattern, want := range map[string][2]string{
		"KH{yyyyMM}{0000}":   {"KH2026030007", "KH202603"},
		"C{yyyy}-{00000}":    {"C2026-00007", "C2026-"},
		"{yyyyMMdd}/{0}-客":   {"20260309/7-客", "20260309/-客"},
		"N{0000}":            {"N0007", "N"},
		"{unknown}{00}{000}": {"{unknown}07007", "{unknown}"},
	} {
		require.Equal(t, want[0], FormatNumber(pattern, at, 7), pattern)
		require.Equal(t, want[1], NumberScope(pattern, at), pattern)
	}
	require.Equal(t, "N12345", FormatNumber("N{0000}", at, 12345))
}

func TestMoneyText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"500000 CNY": "500,000.00 CNY", "50万 CNY": "500,000.00 CNY", "1.5亿 CNY": "150,000,000.00 CNY", "0.05 CNY": "0.05 CNY", "1,234.5 USD": "1,234.50 USD",
		"1000 JPY": "1,000 JPY", "1.234 KWD": "1.234 KWD", "3百万 CNY": "3,000,000.00 CNY", "2 千 CNY": "2,000.00 CNY", "0.00001万 CNY": "0.10 CNY",
	} {
		m, ok := parseMoney(text)
		require.True(t, ok, text)
		require.Equal(t, want, m.String(), text)
	}
	require.Equal(t, "-0.05 CNY", Money{-5, "CNY"}.String())
	for _, text := range []string{"5", "5 XYZ", "0.001 CNY", "5.5 JPY", "999999999999亿 CNY", "CNY", "5 CNYX", "-5 CNY", ""} {
		_, ok := parseMoney(text)
		require.False(t, ok, text)
	}
}
