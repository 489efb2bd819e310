package worker

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/filestore"
)

// upload keeps a file of li.na's that was sent a while ago.
func (s *stack) upload(kept *filestore.Store, ago time.Duration) (id string) {
	s.t.Helper()
	earlier := engine.New(s.db, engine.Options{Now: func() time.Time { return time.Now().Add(-ago) }})
	id, err := earlier.ExpectFile(s.ctx, filestore.Key)
	require.NoError(s.t, err)
	w, err := kept.Write(s.ctx, filestore.Key(id), "a.txt", strings.NewReader("x"), 10)
	require.NoError(s.t, err)
	_, err = earlier.AddFile(s.ctx, engine.Request{Caller: "li.na"}, filestore.Key(id), engine.FileView{ID: id, Name: "a.txt", Size: w.Size, SHA256: w.SHA256, Type: w.Type})
	require.NoError(s.t, err)
	return id
}

func TestFilesThatNobodyAttachesGo(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	kept, err := filestore.Open(s.ctx, (&url.URL{Scheme: "file", Path: t.TempDir()}).String())
	require.NoError(t, err)
	old, young, attached := s.upload(kept, 25*time.Hour), s.upload(kept, 23*time.Hour), s.upload(kept, 25*time.Hour)
	_, err = s.db.Exec(s.ctx, `UPDATE files SET attached = true WHERE id = $1`, attached)
	require.NoError(t, err)
	crashed := filestore.Key("crashed") // bytes came, and their row didn't
	require.NoError(t, s.db.ExpectBytes(s.ctx, crashed, time.Now().Add(-25*time.Hour)))
	_, err = kept.Write(s.ctx, crashed, "a.txt", strings.NewReader("x"), 10)
	require.NoError(t, err)
	under := filestore.Key("under-way")
	require.NoError(t, s.db.ExpectBytes(s.ctx, under, time.Now()))

	r := &runner{Config: Config{DB: s.db, Files: kept}.withDefaults()}
	require.NoError(t, r.cleanFiles(s.ctx))
	there := func(key string) bool {
		f, err := kept.Read(s.ctx, key)
		if err == nil {
			require.NoError(t, f.Close())
		}
		return err == nil
	}
	require.Equal(t, []bool{false, true, true, false}, []bool{there(filestore.Key(old)), there(filestore.Key(young)), there(filestore.Key(attached)), there(crashed)})
	var rows, loose int
	require.NoError(t, s.db.Get(s.ctx, &rows, `SELECT count(*) FROM files`))
	require.NoError(t, s.db.Get(s.ctx, &loose, `SELECT count(*) FROM loose_bytes`))
	require.Equal(t, []int{2, 1}, []int{rows, loose}, "what is under way is left alone")
}

func TestAnImportIsCarriedOutByAWorker(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	rows := []engine.ImportRow{{Line: 1, Cells: []engine.ImportCell{{Text: "company"}}}}
	for i := range 120 {
		rows = append(rows, engine.ImportRow{Line: i + 2, Cells: []engine.ImportCell{{Text: strings.Repeat("x", i+1)}}})
	}
	made, wrong, err := s.engine.Import(s.ctx, engine.Request{Caller: "li.na"}, engine.ImportCommand{Type: "lead", Name: "leads.csv", Rows: rows})
	require.NoError(t, err)
	require.False(t, wrong, "%v", made.Problems)
	s.work(Config{Bulk: 1000})
	s.work(Config{Bulk: 1000}) // two at a time, and one of them may be late
	require.Eventually(t, func() bool {
		now, err := s.engine.ImportOf(s.ctx, made.ID)
		require.NoError(t, err)
		return now.EndedAt != nil && now.Made == 120
	}, time.Minute, 50*time.Millisecond)
	var records int
	require.NoError(t, s.db.Get(s.ctx, &records, `SELECT count(*) FROM records WHERE type = 'lead'`))
	require.Equal(t, 120, records, "each line once")
}
