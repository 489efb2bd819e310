package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/crmflow/crmflow/dev"
)

// WebReport is what `crmflow bench web` found. It has no goals: what a page takes depends on the machine that shows it.
type WebReport struct {
	Machine Machine `json:"machine"`
	Commit  string  `json:"commit"`
	Browser string  `json:"browser"`
	Acts    []Act   `json:"acts"`
}

// Act is something that a person does with the page, from the click until what they wait for stands there.
type Act struct {
	Window string  `json:"window"` // desk; phone, which is four times slower than this machine and has a slow 4G line
	Act    string  `json:"act"`
	N      int     `json:"n"`
	P50    float64 `json:"p50_ms"`
	P95    float64 `json:"p95_ms"`
}

// Table is the report for a person, in Markdown.
func (r WebReport) Table() string {
	rows := [][]string{{"on a", "somebody", "times", "p50 ms", "p95 ms"}}
	for _, a := range r.Acts {
		rows = append(rows, []string{a.Window, a.Act, strconv.Itoa(a.N), number(a.P50), number(a.P95)})
	}
	return fmt.Sprintf("Machine: %s, %s. Commit %s.\n\n%s", r.Machine, r.Browser, r.Commit, markdown(rows))
}

// webScript drives the browser. It is in the checkout, with the page that it looks at.
const webScript = "web/e2e/bench.mjs"

// RunWeb brings up a stack with the sample company, lets people act in the system's Chromium, stops the stack and writes the report to stdout.
func RunWeb(ctx context.Context, o Options, stdout io.Writer) (r WebReport, err error) {
	o, err = o.withDefaults()
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, webScript)); err != nil {
		return r, fmt.Errorf("bench: run it in a checkout, after scripts/setup web browser: %w", err)
	}
	data, remove, err := workDir(o.Data)
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	defer remove()
	o.Data, o.company = data, true
	r = WebReport{Machine: thisMachine(ctx), Commit: o.Commit}
	err = withStack(ctx, o, func(dev.Status) error { return o.visit(ctx, &r) })
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	return r, write(stdout, r, o.JSON)
}

// visit runs the browser on the stack that runs, and takes in what it found.
func (o Options) visit(ctx context.Context, r *WebReport) error {
	node := exec.CommandContext(ctx, "node", webScript, "--stack", o.Data, "--rounds", strconv.Itoa(o.Rounds))
	var out, said bytes.Buffer
	node.Dir, node.Stdout, node.Stderr = o.Dir, &out, io.MultiWriter(o.Progress, &said)
	if err := node.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", webScript, err, said.String())
	}
	return json.Unmarshal(out.Bytes(), r)
}
