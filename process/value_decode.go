package process

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of values, in characters and entries.
const (
	maxText     = 1_000
	maxLongText = 20_000
	maxMany     = 200
	maxLines    = 500
	maxRefTitle = 200
)

// decode reads one value. Strict also asks for limits, formats and choices. The errors of a field of lines name the line and the column.
func (f *Field) decode(raw any, strict bool) (any, []FieldError) {
	if raw == nil || raw == "" {
		return nil, nil
	}
	if f.Type == typeLines {
		return f.decodeLines(raw, strict)
	}
	if f.Many {
		return f.decodeMany(raw, strict)
	}
	return f.decodeOne(raw, strict)
}

// decoders read one value by type; each answers in words what it wants when it gets something else.
var decoders map[string]func(f *Field, raw any, strict bool) (any, Text)

func init() {
	// Set here because lines lead back to the table.
	decoders = map[string]func(f *Field, raw any, strict bool) (any, Text){
		typeText: (*Field).decodeText, typePhone: (*Field).decodePhone, typeEmail: (*Field).decodeEmail, typeChoice: (*Field).decodeChoice,
		typePerson: (*Field).decodeID, typeDepartment: (*Field).decodeChoice, typeNumber: (*Field).decodeNumber,
		typePercent: (*Field).decodeNumber, typeMoney: (*Field).decodeMoney, typeDate: (*Field).decodeDate,
		typeDatetime: (*Field).decodeDatetime, typeYesNo: (*Field).decodeYesNo, typeReference: (*Field).decodeReference,
		typeFile: (*Field).decodeFile,
	}
}

func (f *Field) decodeOne(raw any, strict bool) (any, []FieldError) {
	read := decoders[f.Type]
	if read == nil {
		return nil, []FieldError{f.wrong(Text{ZH: "字段类型未知", EN: "the type of the field is unknown"})}
	}
	v, why := read(f, raw, strict)
	if !why.Empty() {
		return nil, []FieldError{f.wrong(why)}
	}
	return v, nil
}

// wrong says what a field wants.
func (f *Field) wrong(why Text) FieldError {
	label := f.Label()
	return FieldError{Field: f.Name, Message: Text{ZH: label.In("zh") + "：" + why.In("zh"), EN: label.In("en") + ": " + why.In("en")}}
}

func (f *Field) decodeMany(raw any, strict bool) (any, []FieldError) {
	list, ok := raw.([]any)
	if !ok {
		return nil, []FieldError{f.wrong(Text{ZH: "应是列表，如 [ … ]", EN: "send a list, as [ … ]"})}
	}
	if strict && len(list) > maxMany {
		return nil, []FieldError{f.wrong(say("最多 %d 项", "at most %d entries", maxMany))}
	}
	out := make([]any, 0, len(list))
	for i, item := range list {
		v, wrong := f.decodeOne(item, strict)
		if len(wrong) > 0 {
			wrong[0].Field = fmt.Sprintf("%s[%d]", f.Name, i)
			return nil, wrong
		}
		if v != nil {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func (f *Field) decodeLines(raw any, strict bool) (any, []FieldError) {
	list, ok := asLines(raw)
	if !ok {
		return nil, []FieldError{f.wrong(Text{ZH: "应是多行，如 [{列: 值}, …]", EN: "send lines, as [{column: value}, …]"})}
	}
	if strict && len(list) > maxLines {
		return nil, []FieldError{f.wrong(say("最多 %d 行", "at most %d lines", maxLines))}
	}
	columns := &RecordType{Fields: f.Lines}
	columns.index()
	var out []map[string]any
	var wrong []FieldError
	for i, line := range list {
		fields, bad := columns.decode(line, strict)
		if strict {
			bad = sortErrors(append(bad, columns.Missing(fields)...))
		}
		for _, e := range bad {
			e.Field = fmt.Sprintf("%s[%d].%s", f.Name, i, e.Field)
			wrong = append(wrong, e)
		}
		out = append(out, Fields{}.With(fields))
	}
	if strict && len(wrong) == 0 {
		wrong = f.keysOf(out)
	}
	if len(wrong) > 0 || len(out) == 0 {
		return nil, wrong
	}
	return out, nil
}

func asLines(raw any) ([]map[string]any, bool) {
	switch raw := raw.(type) {
	case []map[string]any:
		return raw, true
	case []any:
		out := make([]map[string]any, 0, len(raw))
		for _, v := range raw {
			line, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			out = append(out, line)
		}
		return out, true
	}
	return nil, false
}

func say(zh, en string, args ...any) Text {
	return Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

var (
	wantsText = Text{ZH: "应是文字", EN: "send a text"}
	okay      = Text{}
)

// plainText reads a text of any kind within a limit.
func plainText(raw any, limit int, strict bool) (string, Text) {
	s, ok := raw.(string)
	switch {
	case !ok:
		return "", wantsText
	case !strict:
	case utf8.RuneCountInString(s) > limit:
		return "", say("太长了，最多 %d 个字", "too long: at most %d characters", limit)
	case strings.ContainsRune(s, 0) || !utf8.ValidString(s):
		return "", Text{ZH: "含有无法保存的字符", EN: "it has characters that can't be kept"}
	}
	return s, okay
}

// filled turns a text of nothing but spaces into an empty field.
func filled(s string, why Text) (any, Text) {
	if !why.Empty() || strings.TrimSpace(s) == "" {
		return nil, why
	}
	return s, okay
}

func (f *Field) decodeText(raw any, strict bool) (any, Text) {
	limit := maxText
	if f.Long {
		limit = maxLongText
	}
	return filled(plainText(raw, limit, strict))
}

// phoneMarks may stand between the digits of a phone number.
const phoneMarks = "+()-–. /#x转"

// decodePhone is lenient: Chinese mobiles and landlines, foreign numbers, spaces, hyphens, an extension.
func (f *Field) decodePhone(raw any, strict bool) (any, Text) {
	s, why := plainText(raw, maxText, strict)
	if !why.Empty() || !strict {
		return filled(s, why)
	}
	s = strings.TrimSpace(s)
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(phoneMarks, r) {
			return -1
		}
		return r
	}, s)
	if s != "" && (strings.Trim(digits, "0123456789") != "" || len(digits) < 5 || len(digits) > 20) {
		return nil, Text{ZH: "不像电话号码，如 13800001234 或 +86 21 5555 0000", EN: "this isn't a phone number, as 13800001234 or +86 21 5555 0000"}
	}
	return filled(s, okay)
}

func (f *Field) decodeEmail(raw any, strict bool) (any, Text) {
	s, why := plainText(raw, maxText, strict)
	if !why.Empty() || !strict {
		return filled(s, why)
	}
	s = strings.TrimSpace(s)
	if a, err := mail.ParseAddress(s); s != "" && (err != nil || a.Address != s) {
		return nil, Text{ZH: "不像邮箱地址，如 li.na@example.com", EN: "this isn't an e-mail address, as li.na@example.com"}
	}
	return filled(s, okay)
}

// decodeChoice reads one of the choices; a department without choices is any.
func (f *Field) decodeChoice(raw any, strict bool) (any, Text) {
	s, why := plainText(raw, maxText, strict)
	if why.Empty() && strict && !slices.Contains(f.Of, s) && (f.Type == typeChoice || len(f.Of) > 0) && strings.TrimSpace(s) != "" {
		return nil, say("不能是 %s，可选：%s", "%s isn't a choice; choose one of %s", clip(s), strings.Join(f.Of, ", "))
	}
	return filled(s, why)
}

func (f *Field) decodeID(raw any, strict bool) (any, Text) {
	return filled(plainText(raw, 200, strict))
}

func (f *Field) decodeNumber(raw any, strict bool) (any, Text) {
	x, ok := asNumber(raw)
	switch {
	case ok && !math.IsNaN(x) && !math.IsInf(x, 0):
		if why := f.belowFloor(x); strict && !why.Empty() {
			return nil, why
		}
		return x, okay
	case f.Type == typePercent:
		return nil, Text{ZH: "应是数字，15 表示 15%", EN: "send a number: 15 means 15 %"}
	}
	return nil, Text{ZH: "应是数字", EN: "send a number"}
}

func asNumber(raw any) (float64, bool) {
	switch n := raw.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case json.Number:
		x, err := n.Float64()
		return x, err == nil
	}
	return 0, false
}

var wantsMoney = Text{
	ZH: `应写明金额（分）和币种，如 {"amount": 120000, "currency": "CNY"} 表示 1,200.00 元`,
	EN: `send the amount in minor units with its currency: {"amount": 120000, "currency": "CNY"} is 1,200.00 yuan`,
}

func (f *Field) decodeMoney(raw any, strict bool) (any, Text) {
	if m, ok := raw.(Money); ok {
		raw = map[string]any{"amount": m.Amount, "currency": m.Currency}
	}
	m, ok := raw.(map[string]any)
	if !ok || len(m) != 2 {
		return nil, wantsMoney
	}
	amount, whole := asInteger(m["amount"])
	currency, _ := m["currency"].(string)
	switch {
	case !whole || len(currency) != 3:
		return nil, wantsMoney
	case strict && !knownCurrency(currency):
		return nil, say("没有 %s 这种货币", "there is no currency %s", clip(currency))
	}
	out := Money{Amount: amount, Currency: currency}
	if why := f.belowFloor(out); strict && !why.Empty() {
		return nil, why
	}
	return out, okay
}

// asInteger reads a whole number without the loss of going through a float.
func asInteger(raw any) (int64, bool) {
	switch n := raw.(type) {
	case int64:
		return n, true
	case json.Number:
		if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
			return i, true
		}
	}
	x, ok := asNumber(raw)
	return int64(x), ok && isWhole(x)
}

func (f *Field) decodeDate(raw any, strict bool) (any, Text) {
	s, why := plainText(raw, maxText, strict)
	if _, err := time.Parse(time.DateOnly, s); why.Empty() && err != nil || !why.Empty() {
		return nil, Text{ZH: "应是日期，如 2026-11-21", EN: "send a date, as 2026-11-21"}
	}
	return s, okay
}

func (f *Field) decodeDatetime(raw any, strict bool) (any, Text) {
	s, why := plainText(raw, maxText, strict)
	if _, err := time.Parse(time.RFC3339, s); why.Empty() && err != nil || !why.Empty() {
		return nil, Text{ZH: "应是带时区的时间，如 2026-11-21T15:00:00+08:00", EN: "send a time with its zone, as 2026-11-21T15:00:00+08:00"}
	}
	return s, okay
}

func (f *Field) decodeYesNo(raw any, _ bool) (any, Text) {
	if b, ok := raw.(bool); ok {
		return b, okay
	}
	return nil, Text{ZH: "应是 true 或 false", EN: "send true or false"}
}

func (f *Field) decodeReference(raw any, strict bool) (any, Text) {
	wants := say(`应指向一条记录，如 {"type": "%s", "id": "…"}`, `point at a record: {"type": "%s", "id": "…"}`, f.To)
	if r, ok := raw.(Reference); ok {
		raw = map[string]any{"type": r.Type, "id": r.ID, "title": r.Title}
	}
	m, ok := raw.(map[string]any)
	if !ok || !onlyKeys(m, "type", "id", "title") {
		return nil, wants
	}
	r := Reference{}
	for key, to := range map[string]*string{"type": &r.Type, "id": &r.ID, "title": &r.Title} {
		s, isText := m[key].(string)
		if m[key] != nil && !isText || strict && utf8.RuneCountInString(s) > maxRefTitle || strings.ContainsRune(s, 0) {
			return nil, wants
		}
		*to = s
	}
	if r.Type == "" {
		r.Type = f.To
	}
	if r.ID == "" || strict && r.Type != f.To {
		return nil, wants
	}
	return r, okay
}

func (f *Field) decodeFile(raw any, _ bool) (any, Text) {
	wants := Text{
		ZH: `请先上传文件，再写 {"id", "name", "size", "sha256"}`,
		EN: `upload the file first, then send its {"id", "name", "size", "sha256"}`,
	}
	if r, ok := raw.(FileRef); ok {
		raw = map[string]any{"id": r.ID, "name": r.Name, "size": r.Size, "sha256": r.SHA256}
	}
	m, ok := raw.(map[string]any)
	if !ok || !onlyKeys(m, "id", "name", "size", "sha256", "type") {
		return nil, wants
	}
	r := FileRef{}
	r.ID, _ = m["id"].(string)
	r.Name, _ = m["name"].(string)
	r.SHA256, _ = m["sha256"].(string)
	size, whole := asInteger(m["size"])
	if r.Size = size; m["size"] != nil && (!whole || size < 0) || r.ID == "" {
		return nil, wants
	}
	return r, okay
}

func onlyKeys(m map[string]any, known ...string) bool {
	return !slices.ContainsFunc(slices.Collect(maps.Keys(m)), func(k string) bool { return !slices.Contains(known, k) })
}
