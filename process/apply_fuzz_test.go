package process

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// shippedFiles are the shipped definitions, read as files since the package that embeds them imports this one.
var shippedFiles = sync.OnceValue(func() []File {
	var files []File
	for _, pattern := range []string{"records/*.yaml", "complaint/*.yaml", "lead-review/*.yaml", "quote-follow-up/*.yaml"} {
		paths, _ := filepath.Glob("../definitions/" + pattern)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.yaml") || strings.HasSuffix(path, "_questions.yaml") {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				panic(err)
			}
			files = append(files, File{Path: path, Content: string(text)})
		}
	}
	return files
})

var shippedLibrary = sync.OnceValue(func() *Library {
	lib, problems := Load(shippedFiles(), nil, nil)
	if Failed(problems) {
		panic(render(problems, "en"))
	}
	return lib
})

// liveShipped is a random life of a case of a shipped process.
func liveShipped(rt *lot) *life {
	l := newLife(rt, nil, []string{"sales", "quality", "purchasing", "production", "finance"}, []Principal{"role:sales", "role:sales-director", "role:finance"})
	p := shippedLibrary().Processes[l.pick("complaint", "lead-review", "quote-follow-up")]
	fields := Fields{"owner": l.person(), "customer": Reference{Type: "customer", ID: "s1"}}
	for i := range p.Type.Fields {
		if f := &p.Type.Fields[i]; f.Required && f.Type != typeReference {
			fields[f.Name] = l.value(f.Name, f)
		}
	}
	l.chain, l.in.Process = p.Source, p
	l.in.Record = Record{Type: p.Record, ID: "r1", Owner: fields["owner"].(string), Fields: fields}
	return l
}

func TestAnyLifeOfTheShippedProcesses(t *testing.T) {
	checkLaw(t, func(rt *rapid.T) { liveShipped(drawn(rt)).liveOn() })
}

// FuzzApply lets bytes choose a chain, a company and what happens: a shipped process or one that the bytes write. All that holds of any life must hold,
// and no event takes long. It wants -fuzzminimizetime=10x, as FuzzLoad does.
func FuzzApply(f *testing.F) {
	for seed := range 12 {
		bytes := make([]byte, 4096)
		n := uint32(seed)*2654435761 + 1
		for i := range bytes {
			n = n*1664525 + 1013904223
			bytes[i] = byte(n >> 24)
		}
		f.Add(bytes)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		begun, rt := time.Now(), &lot{bytes: choices, fatal: t.Fatalf}
		if rt.chance(50) {
			liveShipped(rt).liveOn()
		} else {
			live(rt, []string{situations[rt.dice(len(situations))]}).liveOn()
		}
		require.Less(t, time.Since(begun), 20*time.Second)
	})
}
