package server

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// raw is JSON, or what only looks like it, as it is sent.
type raw string

// pairs is an object whose keys stand in order, and may stand twice.
type pairs []pair

type pair struct {
	key   string
	value any
}

// written writes a value that encoding/json would refuse to.
func written(v any) string {
	switch v := v.(type) {
	case raw:
		return string(v)
	case pairs:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = written(p.key) + ":" + written(p.value)
		}
		return "{" + strings.Join(parts, ",") + "}"
	case map[string]any:
		var list pairs
		for _, key := range slices.Sorted(maps.Keys(v)) {
			list = append(list, pair{key, v[key]})
		}
		return written(list)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = written(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(b)
}

// hostileTexts are texts that something, somewhere, once didn't expect.
var hostileTexts = []string{
	"", " ", "\x00", "a\x00b", "\u202e\u200f", "é́́", "👩‍👩‍👧‍👦", "\ufeff", "\r\n", "%00", "%", "_", `\`, `'`, `"`, "';--", "{record.company}", "${x}", "<script>", "../..", "*", "null", "true", "0", "-1",
	"9223372036854775807", "9223372036854775808", "-9223372036854775809", "1e309", "NaN", "0000-01-01", "0000-00-00", "9999-12-31", "10000-01-01", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
	"9999-12-31T23:59:59.999999999-12:00", "2026-02-30", "2026-09-29T15:00:00+08:00", "1 day", "99999999999 working days", "-1 day", "user:", "role:administrator", "me", "deng.rui", "sha256:", "sha256:" + strings.Repeat("f", 64),
}

// hostileRaw is JSON that is no text, or none at all.
var hostileRaw = []raw{
	`null`, `true`, `false`, `0`, `-0`, `-1`, `9223372036854775807`, `-9223372036854775808`, `9223372036854775808`, `18446744073709551616`, `1e308`, `1e400`, `1e-400`, `0.1`, `[]`, `{}`, `[[]]`, `{"":""}`, `[null]`,
	`"\u0000"`, `"\ud800"`, `"\udfff\ud800"`, `"\ud83d"`, "\"\xff\xfe\"", "\"\xed\xa0\x80\"", `{"\u0000":1}`, `{"amount":9223372036854775807,"currency":"CNY"}`, `{"amount":-9223372036854775808,"currency":"XXX"}`,
	`{"amount":1.5,"currency":""}`, `{"type":"lead","id":"none"}`, `{"type":"","id":""}`, `{"zh":"","en":""}`, `nul`, `NaN`, `'x'`, `"`, `[1,`, `{"a":1,"a":2}`,
}

// chance makes choices from a fixed seed.
type chance struct{ *rand.Rand }

func (c chance) of(percent int) bool { return c.IntN(100) < percent }

func pick[T any](c chance, list []T) T { return list[c.IntN(len(list))] }

// text is a hostile text; now and then a long one, rarely one of 10 MB.
func (c chance) text() string {
	switch n := c.IntN(400); {
	case n == 0:
		return strings.Repeat("长", 10<<20/3)
	case n < 8:
		return strings.Repeat("x", 1<<c.IntN(18))
	case n < 12:
		return strings.Repeat("\"\\", 500)
	}
	return pick(c, hostileTexts)
}

// value is a hostile value.
func (c chance) value() any {
	switch n := c.IntN(100); {
	case n < 45:
		return c.text()
	case n < 90:
		return pick(c, hostileRaw)
	case n < 93:
		depth := 1 << c.IntN(14)
		return raw(strings.Repeat("[", depth) + strings.Repeat("]", depth))
	case n < 95:
		depth := 1 << c.IntN(13)
		return raw(strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth))
	case n < 98:
		return raw("[" + strings.TrimSuffix(strings.Repeat(`"li.na",`, 1<<c.IntN(12)), ",") + "]")
	}
	return map[string]any{c.text(): c.text()}
}

// changed gives a value with something in it changed: a part replaced, left out, or there twice; an id by another one of the same kind.
func (c chance) changed(w *fuzzWorld, v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		return c.changedObject(w, v)
	case []any:
		out := slices.Clone(v)
		switch {
		case len(out) == 0 || c.of(15):
			return append(out, c.value())
		case c.of(10):
			return append(out, out...)
		}
		i := c.IntN(len(out))
		out[i] = c.changed(w, out[i], key)
		return out
	case string:
		if ids := w.idsFor(key); len(ids) > 0 && c.of(50) {
			return pick(c, ids)
		}
	}
	return c.value()
}

func (c chance) changedObject(w *fuzzWorld, v map[string]any) any {
	keys := slices.Sorted(maps.Keys(v))
	if len(keys) == 0 || c.of(10) {
		out := maps.Clone(v)
		out[c.text()] = c.value()
		return out
	}
	key := pick(c, keys)
	switch {
	case c.of(15):
		out := maps.Clone(v)
		delete(out, key)
		return out
	case c.of(10):
		var twice pairs
		for _, k := range keys {
			twice = append(twice, pair{k, v[k]})
		}
		return append(twice, pair{key, c.value()})
	}
	out := maps.Clone(v)
	out[key] = c.changed(w, v[key], key)
	return out
}

// forged is a cursor that a list gave, with something else in it.
func (c chance) forged(cursor string) string {
	var inside map[string]any
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(plain, &inside) != nil {
		return cursor
	}
	key := pick(c, append(slices.Sorted(maps.Keys(inside)), "id", "at"))
	if c.of(80) {
		inside[key] = c.value()
	}
	return base64.RawURLEncoding.EncodeToString([]byte(written(inside)))
}

// ofSchema makes a value as a schema describes it, at times.
func (c chance) ofSchema(w *fuzzWorld, s map[string]any, key string, depth int) any {
	if ref, ok := s["$ref"].(string); ok {
		return c.ofSchema(w, w.schemas[strings.TrimPrefix(ref, "#/components/schemas/")], key, depth)
	}
	if enum, ok := s["enum"].([]any); ok && c.of(80) {
		return pick(c, enum)
	}
	if one, ok := s["oneOf"].([]any); ok {
		return c.ofSchema(w, pick(c, one).(map[string]any), key, depth)
	}
	if c.of(12) || depth > 5 {
		return c.value()
	}
	switch fmt.Sprint(s["type"]) {
	case "object":
		return c.objectOf(w, s, depth)
	case "array", "[array null]":
		list := []any{}
		items, _ := s["items"].(map[string]any)
		for range c.IntN(3) {
			list = append(list, c.ofSchema(w, items, key, depth+1))
		}
		return list
	case "integer":
		return c.IntN(300) - 20
	case "boolean":
		return c.of(50)
	}
	if ids := w.idsFor(key); len(ids) > 0 && c.of(60) {
		return pick(c, ids)
	}
	if s["format"] == "date-time" {
		return "2026-09-29T15:00:00+08:00"
	}
	return pick(c, []string{"x", "2026-10-01", "plain text", c.text()})
}

func (c chance) objectOf(w *fuzzWorld, s map[string]any, depth int) any {
	out := map[string]any{}
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if slices.Contains(required, any(name)) && c.of(95) || c.of(25) {
			out[name] = c.ofSchema(w, properties[name].(map[string]any), name, depth+1)
		}
	}
	return out
}
