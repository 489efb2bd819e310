// Package sheets reads tables that people bring along: CSV in UTF-8 or GB18030, and Excel workbooks. It gives what stands in the cells and computes nothing:
// a formula of a CSV is text, that of a workbook is the value which the workbook shows for it.
package sheets

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/crmflow/crmflow/process"
)

// Limits of a table, beside the number of its rows.
const (
	maxColumns = 300
	maxCell    = 32_767    // characters, as Excel has it
	maxUnzip   = 200 << 20 // bytes of a workbook without its compression
	maxInMind  = 16 << 20  // bytes of one of its parts; a larger one goes through a temporary file
)

// Row is a row that isn't empty, with its number in the file, from 1.
type Row struct {
	Line  int
	Cells []Cell
}

// Cell is what stands in a cell.
type Cell struct {
	Text string // as the table shows it
	Raw  string // of a workbook: without its format; else the text
	Date string // of a workbook's number: the moment that it is as a date, "2006-01-02T15:04:05"; else empty
}

// Error is why a table can't be read, and where; Line and Column are 0 where that can't be said.
type Error struct {
	Line, Column int
	Message      process.Text
}

func (e *Error) Error() string { return "sheets: " + e.Message.EN }

func wrong(line, column int, zh, en string, args ...any) *Error {
	return &Error{line, column, process.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}}
}

// Read reads the first sheet of a workbook, or a CSV: at most so many rows, the first among them being the head. What can't be read is an [*Error].
func Read(ctx context.Context, data []byte, most int) ([]Row, error) {
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readWorkbook(ctx, data, most)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return nil, wrong(0, 0, "这是旧版或加密的 Excel 文件，请另存为 .xlsx 或 CSV", "this is an old or encrypted Excel file: save it as .xlsx or CSV")
	}
	return readCSV(ctx, data, most)
}

// decoded is a CSV as UTF-8. What isn't UTF-8 is taken for GB18030, which Excel writes in China.
func decoded(data []byte) ([]byte, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		var err error
		if data, err = simplifiedchinese.GB18030.NewDecoder().Bytes(data); err != nil || bytes.ContainsRune(data, utf8.RuneError) {
			return nil, wrong(0, 0, "文件编码无法识别，请用 UTF-8 或 GB18030 保存", "the file is neither UTF-8 nor GB18030: save it as UTF-8")
		}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return nil, wrong(1+bytes.Count(data[:i], []byte("\n")), 0, "含有无法保存的字符；这可能不是 CSV 文件", "it has a character that can't be kept; this may be no CSV")
	}
	return data, nil
}

func readCSV(ctx context.Context, data []byte, most int) ([]Row, error) {
	data, err := decoded(data)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	var rows []Row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, ctx.Err()
		}
		if e, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, wrong(e.Line, e.Column, "引号不成对，或位置不对", "a quotation mark is missing, or at a wrong place")
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		row := Row{Line: line, Cells: make([]Cell, len(record))}
		for i, text := range record {
			row.Cells[i] = Cell{Text: text, Raw: text}
		}
		if rows, err = add(rows, row, most); err != nil {
			return nil, err
		}
	}
}

// add adds a row that holds something.
func add(rows []Row, row Row, most int) ([]Row, error) {
	if len(row.Cells) > maxColumns {
		return nil, wrong(row.Line, maxColumns+1, "列太多，最多 %d 列", "too many columns: at most %d", maxColumns)
	}
	empty := true
	for i, c := range row.Cells {
		empty = empty && strings.TrimSpace(c.Text) == ""
		if utf8.RuneCountInString(c.Text) > maxCell {
			return nil, wrong(row.Line, i+1, "单元格内容太长", "the cell holds too much")
		}
	}
	if empty {
		return rows, nil
	}
	if len(rows) == most {
		return nil, wrong(row.Line, 0, "行数太多，除表头外最多 %d 行；请分成几个文件", "too many lines: at most %d beside the head; make several files of it", most-1)
	}
	return append(rows, row), nil
}

func readWorkbook(ctx context.Context, data []byte, most int) ([]Row, error) {
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: maxInMind})
	if err != nil {
		return nil, wrong(0, 0, "这个 Excel 文件无法读取", "this Excel file can't be read")
	}
	defer book.Close()
	b := &workbook{book: book, from1904: since1904(book)}
	rows, err := b.read(ctx, most)
	if e, ours := errors.AsType[*Error](err); ours || err == nil || ctx.Err() != nil {
		if ours {
			return nil, e
		}
		return rows, ctx.Err()
	}
	return nil, wrong(0, 0, "这个 Excel 文件无法读取", "this Excel file can't be read")
}

type workbook struct {
	book     *excelize.File
	from1904 bool
}

func since1904(book *excelize.File) bool {
	props, err := book.GetWorkbookProps()
	return err == nil && props.Date1904 != nil && *props.Date1904
}

// read goes through the first sheet twice, side by side: once as it is shown, once as it is kept.
func (b *workbook) read(ctx context.Context, most int) ([]Row, error) {
	sheets := b.book.GetSheetList()
	if len(sheets) == 0 {
		return nil, nil
	}
	shown, err := b.book.Rows(sheets[0])
	if err != nil {
		return nil, err
	}
	defer shown.Close()
	kept, err := b.book.Rows(sheets[0])
	if err != nil {
		return nil, err
	}
	defer kept.Close()
	var rows []Row
	for line := 1; shown.Next() && kept.Next() && ctx.Err() == nil; line++ {
		texts, err := shown.Columns()
		if err != nil {
			return nil, err
		}
		raw, err := kept.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, err
		}
		if rows, err = add(rows, b.row(line, texts, raw), most); err != nil {
			return nil, err
		}
	}
	return rows, errors.Join(shown.Error(), kept.Error())
}

func (b *workbook) row(line int, texts, raw []string) Row {
	row := Row{Line: line, Cells: make([]Cell, max(len(texts), len(raw)))}
	for i := range row.Cells {
		c := &row.Cells[i]
		if i < len(texts) {
			c.Text = sound(texts[i])
		}
		if i < len(raw) {
			c.Raw = sound(raw[i])
		}
		c.Date = b.date(c.Raw)
	}
	return row
}

// sound leaves out what no text can hold.
func sound(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "") }

// date is the moment that a workbook's number is, if it stands for one.
func (b *workbook) date(raw string) string {
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || !(n >= 1 && n < 2_958_466) { // until the end of 9999
		return ""
	}
	t, err := excelize.ExcelDateToTime(n, b.from1904)
	if err != nil {
		return ""
	}
	return t.Round(time.Second).Format("2006-01-02T15:04:05")
}
