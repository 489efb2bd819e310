package server

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// table is testdata/api.txt.
type table struct {
	calls  map[string]string // "GET /cases/{id}" → its shape
	shapes map[string][]string
	codes  map[process.Code]promised
}

// promised is what a refusal is to look like.
type promised struct {
	status  int
	members []string
}

func readTable(t *testing.T) table {
	t.Helper()
	raw, err := os.ReadFile("testdata/api.txt")
	require.NoError(t, err)
	out := table{calls: map[string]string{}, shapes: map[string][]string{}, codes: map[process.Code]promised{}}
	for line := range strings.Lines(string(raw)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "call":
			out.calls[words[1]+" "+words[2]] = strings.Join(words[3:], " ")
		case words[0] == "shape":
			out.shapes[words[1]] = words[2:]
		case words[0] == "code":
			status, err := strconv.Atoi(words[2])
			require.NoError(t, err, line)
			out.codes[process.Code(words[1])] = promised{status, words[3:]}
		default:
			t.Fatalf("testdata/api.txt: %s", line)
		}
	}
	return out
}

// lacks says where an answer lacks what its shape has.
func (tb table) lacks(shape string, v any, at string) []string {
	if of, isList := strings.CutPrefix(shape, "list of "); isList {
		body, _ := v.(map[string]any)
		items, ok := body["items"].([]any)
		if !ok {
			return []string{at + " is no list"}
		}
		return tb.lacksAny(of, items, at+".items")
	}
	members, known := tb.shapes[shape]
	body, isObject := v.(map[string]any)
	if !known || !isObject {
		if known && len(members) > 0 && v != nil {
			return []string{fmt.Sprintf("%s is no %s", at, shape)}
		}
		return nil
	}
	var missing []string
	for _, m := range members {
		name, of, _ := strings.Cut(m, ":")
		value, there := body[name]
		if !there {
			missing = append(missing, at+"."+name)
			continue
		}
		if items, ok := value.([]any); ok && of != "" {
			missing = append(missing, tb.lacksAny(of, items, at+"."+name)...)
		} else if of != "" {
			missing = append(missing, tb.lacks(of, value, at+"."+name)...)
		}
	}
	return missing
}

func (tb table) lacksAny(shape string, items []any, at string) (missing []string) {
	for _, item := range items {
		missing = append(missing, tb.lacks(shape, item, at)...)
	}
	return missing
}

// The resource table that outside checks know, call by call: each is in the contract, is made once, and answers with the members that are written down.
func TestEveryCallOfTheTableAnswersAsWritten(t *testing.T) {
	t.Parallel()
	tb := readTable(t)
	b := newBundle(t)
	var mu sync.Mutex
	made := map[string]bool{}
	b.saw = func(method, path string, status int, body []byte) {
		pattern, _ := b.s.operation(method, path)
		call := method + " " + strings.TrimPrefix(pattern, base)
		if tb.calls[call] == "" || status >= 300 {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		made[call] = true
		var v any
		_ = json.Unmarshal(body, &v) // what has no content has no shape
		require.Empty(t, tb.lacks(tb.calls[call], v, call), "%s", body)
	}
	everyCall(b)
	for call := range tb.calls {
		method, path, _ := strings.Cut(call, " ")
		op := b.s.api.OpenAPI().Paths[base+path]
		require.NotNil(t, op, "%s is not in openapi.json", call)
		require.NotNil(t, operationOf(op, method), "%s is not in openapi.json", call)
		require.True(t, made[call], "%s was never made", call)
	}
}

func TestEveryCallIsOnThePageAboutTheAPI(t *testing.T) {
	t.Parallel()
	tb := readTable(t)
	page, err := os.ReadFile("../docs/api.md")
	require.NoError(t, err)
	for call := range tb.calls {
		first := strings.Split(strings.TrimPrefix(call[strings.Index(call, "/"):], "/"), "/")[0]
		require.Regexp(t, regexp.MustCompile(`/`+regexp.QuoteMeta(first)+`\b`), string(page), "docs/api.md doesn't mention %s", call)
	}
}
