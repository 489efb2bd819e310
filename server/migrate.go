package server

import (
	"cmp"
	"context"
	"net/http"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

func (s *Server) migrateRoutes() {
	add(s, route{method: http.MethodPost, path: "/cases/{id}/migrate", rule: administrators, id: "migrate-case",
		summary: "Take a case to another version of its process, with a reason; or say, with nothing changed, whether it can go over"}, s.migrate)
}

type migrateInput struct {
	IDInput
	Keyed
	Body migrateBody
}

type migrateBody struct {
	To      int               `json:"to,omitempty" minimum:"0" maximum:"2147483647" doc:"The version; without it, the one that new cases take"`
	Map     map[string]string `json:"map,omitempty" maxProperties:"100" doc:"Where the case goes on in that version, by the steps where it stands; for a step that has another id there, its new one"`
	DryRun  bool              `json:"dry_run,omitempty" doc:"Only say what would become of it"`
	Reason  string            `json:"reason,omitempty" maxLength:"2000" doc:"Not needed for a dry run"`
	Comment string            `json:"comment,omitempty" maxLength:"2000" doc:"Another word for reason"`
}

// migratedBody is what becomes of a case, or would.
type migratedBody struct {
	Verdict string         `json:"verdict" enum:"safe,mapping,stays" doc:"safe: it goes on as if it had run by that version from its start; mapping: as soon as map says where; stays: it can't go over"`
	Because []string       `json:"because" doc:"Why it isn't safe"`
	Needs   []mapEntryBody `json:"needs" doc:"What map still lacks; empty: the case can go over, unless it stays"`
	Titles  migratedTitles `json:"titles" doc:"What people call the steps that needs names"`
	Case    caseBody       `json:"case" doc:"As it is afterwards; of a dry run, as it would be"`
}

// migratedTitles are titles of steps by their ids.
type migratedTitles struct {
	Old map[string]string `json:"old" doc:"Of the steps where the case stands"`
	New map[string]string `json:"new" doc:"Of the steps of the version"`
}

type mapEntryBody struct {
	Step string   `json:"step" doc:"Where the case stands"`
	To   []string `json:"to" doc:"The steps of the version where it may go on, its own first"`
}

func (s *Server) migrate(ctx context.Context, v *visit, in *migrateInput) (*struct{ Body migratedBody }, error) {
	b := in.Body
	command := engine.MigrateCommand{Case: in.ID, To: b.To, Map: b.Map, Comment: cmp.Or(b.Reason, b.Comment)}
	request, do := v.request(http.MethodPost, "/cases/"+in.ID+"/migrate", in.Keyed), s.engine.Migrate
	if b.DryRun {
		do = s.engine.TryMigration
	}
	answer, err := do(ctx, request, command)
	if err == nil {
		err = s.coverAnswer(ctx, v, &answer)
	}
	if err != nil {
		return nil, err
	}
	return &struct{ Body migratedBody }{v.migrated(answer)}, nil
}

func (v *visit) migrated(a engine.Answer) migratedBody {
	verdict := process.Verdict{}
	if a.Migration != nil {
		verdict = *a.Migration
	}
	body := migratedBody{Verdict: verdict.Verdict, Because: []string{}, Needs: []mapEntryBody{}, Case: v.kase(a.Case),
		Titles: migratedTitles{Old: v.words(verdict.Titles.Old), New: v.words(verdict.Titles.New)}}
	for _, why := range verdict.Because {
		body.Because = append(body.Because, v.text(why))
	}
	for _, n := range verdict.Needs {
		body.Needs = append(body.Needs, mapEntryBody(n))
	}
	return body
}
