package engine

import (
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// unknownSystems are the systems that files which are published ask, and this server doesn't know.
func (p *publication) unknownSystems(loaded *process.Library) []process.Problem {
	var found []process.Problem
	for _, d := range p.new {
		if chain := loaded.Processes[d.ID]; d.Kind == kindProcess && chain != nil {
			found = append(found, p.shown(p.e.UnknownSystems(chain))...)
		}
	}
	return found
}

// shown gives problems, each once, with the lines they stand on.
func (p *publication) shown(problems []process.Problem) []process.Problem {
	var out []process.Problem
	for _, problem := range problems {
		if slices.ContainsFunc(out, func(o process.Problem) bool { return o.Position == problem.Position && o.Message == problem.Message }) {
			continue // the ladder of the head stands at every step
		}
		for _, f := range p.files {
			lines := strings.Split(strings.TrimPrefix(f.Content, "\uFEFF"), "\n")
			if f.Path == problem.File && problem.Line >= 1 && problem.Line <= len(lines) {
				problem.Source = strings.TrimSuffix(lines[problem.Line-1], "\r")
			}
		}
		out = append(out, problem)
	}
	return out
}
