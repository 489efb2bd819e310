package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

const shop = `record: shop
title: Shop
fields:
  company: {type: text, required: true}
  phone:   {type: phone}
`

// enter lets a worker do what it does.
func (w *world) enter() {
	w.t.Helper()
	for more := true; more; {
		var err error
		more, err = w.EnterKeys(w.ctx)
		require.NoError(w.t, err)
	}
}

func (w *world) shop(company, phone string) (RecordView, error) {
	return w.CreateRecord(w.ctx, by("li.na"), "shop", map[string]any{"company": company, "phone": phone})
}

func (w *world) similar(given process.Fields) []string {
	w.t.Helper()
	v, err := w.Viewer(w.ctx)
	require.NoError(w.t, err)
	lib, err := w.Library(w.ctx)
	require.NoError(w.t, err)
	list, err := v.Similar(lib.Types["shop"], given, "")
	require.NoError(w.t, err)
	var titles []string
	for _, s := range list {
		titles = append(titles, s.Record.Title)
	}
	return titles
}

func TestRecordsThatAreThereAreComparedToo(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	w.publish([]process.File{{Path: "shop.yaml", Content: shop}})
	first, err := w.shop("海川机械有限公司", "+86 138 0000 1234")
	require.NoError(t, err)
	_, err = w.shop("大川电子", "13800001235")
	require.NoError(t, err)
	w.publish([]process.File{{Path: "shop.yaml", Content: shop + "unique: [phone]\nsimilar: [company]\n"}})
	w.enter()
	require.Equal(t, []string{"海川机械有限公司"}, w.similar(process.Fields{"company": "海川机械"}))
	require.Equal(t, []string{"海川机械有限公司"}, w.similar(process.Fields{"phone": "138-0000-1234"}))
	_, err = w.shop("X", "138 0000 1234")
	require.Equal(t, "phone", refused(err).Fields[0].Field)

	_, err = w.ChangeRecord(w.ctx, by("li.na"), "shop", first.ID, map[string]any{"company": "天汇泵业", "phone": "13900000000"}, 0)
	require.NoError(t, err)
	require.Empty(t, w.similar(process.Fields{"company": "海川机械", "phone": "13800001234"}))
	require.Equal(t, []string{"天汇泵业"}, w.similar(process.Fields{"company": "天汇泵业公司"}))
	_, err = w.shop("X", "138 0000 1234")
	require.NoError(t, err, "free again")

	w.publish([]process.File{{Path: "shop.yaml", Content: shop}})
	_, err = w.shop("Y", "138 0000 1234")
	require.NoError(t, err, "unique no more")
	_, problems := w.publish([]process.File{{Path: "shop.yaml", Content: shop + "unique: [phone]\n"}})
	require.True(t, process.Failed(problems), "two have it now, however they write it")
}

// What an earlier software has entered as it was written is entered anew.
func TestValuesOfAnEarlierSoftwareAreEnteredAnew(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	w.publish([]process.File{{Path: "shop.yaml", Content: shop + "unique: [phone]\n"}})
	r, err := w.shop("海川", "138 0000 1234")
	require.NoError(t, err)
	_, err = w.db.Exec(w.ctx, `UPDATE record_unique SET value = '138 0000 1234' WHERE record_id = $1`, r.ID)
	require.NoError(t, err)
	_, err = w.db.Exec(w.ctx, `DELETE FROM record_keys`)
	require.NoError(t, err)
	w.enter()
	_, err = w.shop("X", "+86 13800001234")
	require.Equal(t, "phone", refused(err).Fields[0].Field)
}

// A search for similar values reads the index of grams and no table, however many records there are.
func TestSimilarRecordsAreFoundByTheIndex(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	w.publish([]process.File{{Path: "shop.yaml", Content: shop + "similar: [company]\n"}})
	_, err := w.shop("海川天汇机械有限公司", "")
	require.NoError(t, err)
	require.NoError(t, w.db.Tx(w.ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(w.ctx, `INSERT INTO records (id, type, version, fields, created_by, created_at, changed_at)
			SELECT 'many-' || n, 'shop', 1, jsonb_build_object('company', '上海机械' || n), 'x', now(), now() FROM generate_series(1, 5000) AS n`); err != nil {
			return err
		}
		_, err := tx.Exec(w.ctx, `INSERT INTO record_grams (type, field, gram, size, record_id)
			SELECT 'shop', 'company', g, 5, 'many-' || n FROM generate_series(1, 5000) AS n CROSS JOIN unnest(ARRAY['上海', '海机', '机械', '械' || n % 10, '=' || n]) AS g`)
		return err
	}))
	_, err = w.db.Exec(w.ctx, `ANALYZE record_grams`)
	require.NoError(t, err)
	require.Contains(t, w.similar(process.Fields{"company": "海川天汇机械"}), "海川天汇机械有限公司", "though its last pair is everywhere")
	var plan []string
	require.NoError(t, w.db.Select(w.ctx, &plan, `EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) `+strings.NewReplacer("$1", "'shop'", "$2", "'company'", "$3", "ARRAY['=上海机械', '上海', '海机', '机械']",
		"$4", "2", "$5", "11", "$6", "300", "$7", "60").Replace(store.AlikeSQL)))
	text := strings.Join(plan, "\n")
	require.NotContains(t, text, "Seq Scan", "%s", text)
	require.Contains(t, text, "record_grams_pkey")
	var rows int
	for _, line := range plan {
		if _, after, ok := strings.Cut(line, "record_grams_pkey"); ok {
			_, _ = fmt.Sscanf(after[strings.Index(after, "actual rows="):], "actual rows=%d", &rows)
		}
	}
	require.LessOrEqual(t, rows, 300, "%s", text)
}
