package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// A department that doesn't exist is nobody: a chain that asks it would wait for ever.
func TestARecordNamesOnlyDepartmentsThatThereAre(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	w.publish([]process.File{{Path: "site.yaml", Content: "record: site\ntitle: Site\nnumber: \"S{0000}\"\nfields: {unit: {type: department}, others: {type: department, many: true}}\n"}})
	_, err := w.CreateRecord(w.ctx, admin(), "site", map[string]any{"unit": "quality", "others": []any{"sales", "top"}})
	require.NoError(t, err)
	_, err = w.CreateRecord(w.ctx, admin(), "site", map[string]any{"unit": "mars", "others": []any{"sales", "venus"}})
	require.Equal(t, process.CodeFieldInvalid, code(t, err))
	require.Len(t, refused(err).Fields, 2)
	require.Contains(t, refused(err).Fields[0].Message.EN, "mars")
}
