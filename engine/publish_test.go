package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store/storetest"
)

// newCompany is an engine on a database of its own, for tests that change what is published.
func newCompany(t *testing.T) *world {
	t.Helper()
	db := storetest.FromEnv(t)
	require.NoError(t, found(db))
	return worldOn(t, db)
}

// edited is a document of the company with something replaced.
func edited(path, old, new string) []process.File {
	for _, f := range documents {
		if f.Path == path {
			return []process.File{{Path: path, Content: strings.Replace(f.Content, old, new, 1)}}
		}
	}
	panic(path)
}

func (w *world) publish(files []process.File) ([]Published, []process.Problem) {
	w.t.Helper()
	list, problems, err := w.Publish(w.ctx, admin(), files)
	require.NoError(w.t, err)
	return list, problems
}

func TestUnchangedContentIsTheSameVersion(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	lib, err := w.Library(w.ctx)
	require.NoError(t, err)
	list, _ := w.publish(documents)
	require.Len(t, list, len(documents))
	for _, p := range list {
		require.Equal(t, 1, p.Version, p.ID)
	}
	same, err := w.Library(w.ctx)
	require.NoError(t, err)
	require.Same(t, lib, same, "nothing was compiled anew")

	list, _ = w.publish(edited("review.yaml", "due: 1 working day", "due: 3 working days"))
	require.Equal(t, 2, list[0].Version)
	list, _ = w.publish(documents) // back again
	require.Equal(t, 1, list[3].Version)
	require.Equal(t, "review", list[3].ID)
}

func TestACaseRunsByItsOwnVersion(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	a := w.start()
	w.publish(edited("review.yaml", "{manager_of: initiator}", "{user: chen.bo}"))
	require.Equal(t, []string{"chen.bo"}, w.start().Case.Open[0].Who)
	a = w.must(a, "wang.fang", ActCommand{Act: process.EventReturn, Comment: "more"})
	require.Equal(t, 1, a.Case.Version)
	a = w.must(a, "li.na", ActCommand{Act: process.EventComplete, Fields: map[string]any{"need": "x"}})
	require.Equal(t, []string{"wang.fang"}, a.Case.Open[0].Who)
}

func TestPublishingIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	files := append(edited("lead.yaml", "need: {type: text, long: true}", "need: {type: text}"), edited("review.yaml", "manager_of", "manger_of")...)
	list, problems := w.publish(files)
	require.Empty(t, list)
	require.True(t, process.Failed(problems))
	require.Equal(t, "review.yaml", problems[0].File)
	rows, err := w.db.DefinitionVersions(w.ctx, []string{"lead"})
	require.NoError(t, err)
	require.Len(t, rows, 1)

	_, problems = w.publish([]process.File{{Path: "x.yaml", Content: "record: customer\ntitle: Customer\nfields:\n  name: {type: text}\n"}}) // breaks what stands
	require.True(t, process.Failed(problems))
}

func TestARecordTypeInUseIsOnlyAddedTo(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	more := edited("lead.yaml", "owner:", "city: {type: text}\n  owner:")
	less := edited("lead.yaml", "of: [open, customer]", "of: [open, customer, lost]")
	fewer := edited("lead.yaml", "need: {type: text, long: true}", "need: {type: number}")
	a := w.start()
	_, problems := w.publish(more)
	require.False(t, process.Failed(problems))
	_, problems = w.publish(less)
	require.True(t, process.Failed(problems), "the city is gone again")
	_, problems = w.publish(fewer)
	require.True(t, process.Failed(problems))
	require.Contains(t, problems[0].Message.EN, "open cases use lead")
	w.must(a, "wang.fang", ActCommand{Act: process.EventReject, Comment: "no"})
	_, problems = w.publish(less)
	require.False(t, process.Failed(problems))
	w.start()
}

func TestAFieldBecomesUnique(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	for range 2 {
		f := lead()
		f["company"] = "twice"
		_, err := w.CreateRecord(w.ctx, by("li.na"), "lead", f)
		require.NoError(t, err)
	}
	unique := edited("lead.yaml", "unique: [phone]", "unique: [phone, company]")
	list, problems := w.publish(unique)
	require.Empty(t, list)
	require.True(t, process.Failed(problems))
	_, err := w.db.Exec(w.ctx, `UPDATE records SET fields = fields || jsonb_build_object('company', number)`)
	require.NoError(t, err)
	_, problems = w.publish(unique)
	require.False(t, process.Failed(problems))
	var company string
	require.NoError(t, w.db.Get(w.ctx, &company, `SELECT number FROM records WHERE type = 'lead' LIMIT 1`))
	f := lead()
	f["company"] = company
	_, err = w.CreateRecord(w.ctx, by("li.na"), "lead", f)
	require.Equal(t, process.CodeFieldInvalid, code(t, err))
}

func TestAPublicationIsRepeatable(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	r, files := admin(), edited("review.yaml", "due: 1 working day", "due: 4 working days")
	first, _, err := w.Publish(w.ctx, r, files)
	require.NoError(t, err)
	again, _, err := w.Publish(w.ctx, r, files)
	require.NoError(t, err)
	require.Equal(t, first, again)
}
