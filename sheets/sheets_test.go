package sheets

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func texts(rows []Row) [][]string {
	var out [][]string
	for _, r := range rows {
		var line []string
		for _, c := range r.Cells {
			line = append(line, c.Text)
		}
		out = append(out, line)
	}
	return out
}

func TestACSVIsReadAsItIs(t *testing.T) {
	t.Parallel()
	content := "名称,电话\n\n\"海川\n机械\",=1+1\n ,\n天汇,@SUM(A1)\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(content)
	require.NoError(t, err)
	for name, data := range map[string]string{"plain": content, "with a mark": "\xef\xbb\xbf" + content, "GB18030": gb, "of Windows": strings.ReplaceAll(content, "\n", "\r\n")} {
		rows, err := Read(t.Context(), []byte(data), 10)
		require.NoError(t, err, name)
		require.Equal(t, [][]string{{"名称", "电话"}, {"海川\n机械", "=1+1"}, {"天汇", "@SUM(A1)"}}, texts(rows), name)
		require.Equal(t, []int{1, 3, 6}, []int{rows[0].Line, rows[1].Line, rows[2].Line}, "%s: where they stand in the file", name)
	}
}

func TestWhatCantBeReadSaysWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data         string
		line, column int
	}{
		{"a,b\n\"x,y\n", 2, 0}, {"a\nb\x00\n", 2, 0}, {"a\n\xff\xff\n", 0, 0}, {"\xd0\xcf\x11\xe0", 0, 0}, {"PK\x03\x04", 0, 0},
		{"a\n" + strings.Repeat("x\n", 10), 11, 0}, {strings.Repeat(",", 300) + "x\n", 1, 301}, {"a\n" + strings.Repeat("x", 40_000), 2, 1},
	} {
		_, err := Read(t.Context(), []byte(c.data), 10)
		bad, ok := errors.AsType[*Error](err)
		require.True(t, ok, "%.20q: %v", c.data, err)
		require.Equal(t, c.line, bad.Line, "%.20q: %s", c.data, bad.Message.EN)
		if c.column > 0 {
			require.Equal(t, c.column, bad.Column, "%.20q", c.data)
		}
	}
}

func TestAWorkbookShowsItsCells(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	percent, err := book.NewStyle(&excelize.Style{NumFmt: 10})
	require.NoError(t, err)
	day, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	require.NoError(t, err)
	for cell, v := range map[string]any{"A1": "name", "B1": "share", "C1": "day", "D1": "sum", "A3": "=1+1", "B3": 0.15, "C3": 46387.5} {
		require.NoError(t, book.SetCellValue("Sheet1", cell, v))
	}
	require.NoError(t, book.SetCellStyle("Sheet1", "B3", "B3", percent))
	require.NoError(t, book.SetCellStyle("Sheet1", "C3", "C3", day))
	require.NoError(t, book.SetCellFormula("Sheet1", "D3", "=WEBSERVICE(\"http://example.com\")"))
	buffer, err := book.WriteToBuffer()
	require.NoError(t, err)
	rows, err := Read(t.Context(), buffer.Bytes(), 10)
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.Equal(t, 3, rows[1].Line)
	cells := rows[1].Cells
	require.Equal(t, []string{"=1+1", "15.00%", "0.15", "2026-12-31T12:00:00"}, []string{cells[0].Text, cells[1].Text, cells[1].Raw, cells[2].Date})
	for _, c := range cells[3:] {
		require.Empty(t, c.Text, "a formula that nobody has computed is nothing")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xef\xbb\xbf\"a\"\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := Read(t.Context(), data, 20)
		if err == nil && len(rows) > 20 {
			t.Fatal("too many rows")
		}
	})
}
