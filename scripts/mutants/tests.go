package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// timeLimit is how long the tests of a package may run: a mutant that never ends is caught by it.
const timeLimit = "3m"

// attempt is one run of tests.
type attempt struct {
	pkg   string
	tests string // as of go test -run; "": all
}

// verdict says what the tests made of a mutant.
type verdict struct {
	failed bool
	test   string // the first that failed; "": the time limit, or a crash
	output string
	took   time.Duration
}

func (v verdict) String() string {
	switch {
	case !v.failed:
		return "SURVIVED"
	case v.test == "":
		return "a crash, or the time limit"
	}
	return v.test
}

// tester runs tests with a mutant switched on, "" being none.
type tester func(ctx context.Context, mutant string, a attempt) verdict

// build builds the tests of all packages with the mutants in them.
func build(ctx context.Context, dir, overlay string) (tester, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for _, pkg := range packages {
		cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", filepath.Join(dir, pkg+".test"), "./"+pkg)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("the tests of %s can't be built with the mutants: %w\n%s", pkg, err, out)
		}
	}
	return func(ctx context.Context, mutant string, a attempt) verdict {
		args := []string{"-test.failfast", "-test.timeout=" + timeLimit, "-test.run=" + a.tests}
		if a.pkg == "process" { // its laws would keep their counter-examples in the tree
			args = append(args, "-rapid.nofailfile")
		}
		cmd := exec.CommandContext(ctx, filepath.Join(dir, a.pkg+".test"), args...)
		cmd.Dir = a.pkg
		cmd.Env = append(os.Environ(), variable+"="+mutant)
		out, err := cmd.CombinedOutput()
		return verdict{failed: err != nil, test: firstFailure(a.pkg, string(out)), output: string(out)}
	}, nil
}

var failure = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// firstFailure is the test whose failure stands first in the output of tests, and in it the innermost.
func firstFailure(pkg, out string) string {
	test := ""
	for _, m := range failure.FindAllStringSubmatch(out, -1) {
		if test == "" || strings.HasPrefix(m[1], test+"/") {
			test = m[1]
		}
	}
	if test == "" {
		return ""
	}
	return pkg + " " + test
}
