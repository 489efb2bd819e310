package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// importing is the check of one table, inside its transaction.
type importing struct {
	request
	ImportCommand
	ctx      context.Context
	e        *Engine
	lib      *Library
	typ      *process.RecordType
	dir      *store.Directory
	at       time.Time
	people   map[string]string // ids, by id and by name
	columns  []*process.Field  // nil: a column without a head, which is left out
	lines    []*importLine
	problems []ImportProblem
	bad      map[int]bool // lines with problems
}

// importLine is a row of the table on its way to a record.
type importLine struct {
	row    ImportRow
	fields process.Fields
}

// check finds everything that is wrong with the table, as far as it can be known now.
func (i *importing) check() error {
	i.bad = map[int]bool{}
	if len(i.Rows) == 0 {
		i.add(ImportProblem{Line: 1, Message: process.Text{ZH: "文件是空的，第一行应是字段名", EN: "the file is empty: its first line holds the names of fields"}})
		return nil
	}
	i.head(i.Rows[0])
	if len(i.bad) > 0 {
		return nil // what stands below means nothing then
	}
	if err := i.names(); err != nil {
		return err
	}
	for _, row := range i.Rows[1:] {
		i.lines = append(i.lines, &importLine{row: row, fields: process.Fields{}})
	}
	for n, f := range i.columns {
		if f == nil {
			continue
		}
		if err := i.column(n, f); err != nil {
			return err
		}
	}
	if err := i.refer(); err != nil {
		return err
	}
	i.whole()
	return i.unique()
}

func (i *importing) add(p ImportProblem) {
	i.bad[p.Line] = true
	if len(i.problems) < MaxImportProblems {
		i.problems = append(i.problems, p)
	}
}

// listed are the problems, as they stand in the file.
func (i *importing) listed() []ImportProblem {
	slices.SortStableFunc(i.problems, func(a, b ImportProblem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return append([]ImportProblem{}, i.problems...)
}

func (i *importing) wrong(line, column int, f *process.Field, zh, en string) {
	i.add(ImportProblem{Line: line, Column: column, Field: f.Name, Message: process.Text{ZH: f.Label().In("zh") + "：" + zh, EN: f.Label().In("en") + ": " + en}})
}

// plainName is a name of a column or a person as it is compared.
func plainName(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), " "))
}

// head finds the field of each column.
func (i *importing) head(row ImportRow) {
	taken := map[string]bool{}
	for n, cell := range row.Cells {
		name := plainName(cell.Text)
		if name == "" {
			i.columns = append(i.columns, nil)
			continue
		}
		f := i.fieldCalled(name)
		say := func(zh, en string) {
			i.add(ImportProblem{Line: row.Line, Column: n + 1, Message: process.Text{ZH: fmt.Sprintf(zh, cell.Text), EN: fmt.Sprintf(en, cell.Text)}})
		}
		switch {
		case f == nil:
			say("没有字段“%s”；列名应是字段的名称或标题", "there is no field “%s”: a column is called as a field, by its name or its title")
		case f.Type == "lines" || f.Type == "file":
			say("“%s”不能从表格导入", "“%s” can't be imported from a table")
		case f.Is != nil:
			say("“%s”由系统计算，不能填写", "“%s” is computed by the system; nobody fills it in")
		case taken[f.Name]:
			say("“%s”出现了两次", "“%s” is there twice")
		default:
			taken[f.Name] = true
		}
		i.columns = append(i.columns, f)
	}
	if len(taken) == 0 && len(i.bad) == 0 {
		i.add(ImportProblem{Line: row.Line, Message: process.Text{ZH: "第一行没有字段名", EN: "the first line holds no names of fields"}})
	}
}

// fieldCalled finds a field by its name, or else by its title in either language.
func (i *importing) fieldCalled(name string) *process.Field {
	if f := i.typ.Field(name); f != nil {
		return f
	}
	for n := range i.typ.Fields {
		f := &i.typ.Fields[n]
		if plainName(f.Title.ZH) == name || plainName(f.Title.EN) == name {
			return f
		}
	}
	return nil
}

// names reads how people and departments are called, where the table has any. Of two with the same name neither is meant.
func (i *importing) names() error {
	if !slices.ContainsFunc(i.columns, func(f *process.Field) bool { return f != nil && (f.Type == "person" || f.Type == "department") }) {
		return nil
	}
	all, err := i.tx.Names(i.ctx)
	if err != nil {
		return err
	}
	i.people = map[string]string{}
	var ids []string
	for p, name := range all {
		sort, id := p.Split()
		if sort == "user" {
			ids = append(ids, id)
		}
		for _, called := range []string{name.ZH, name.EN} {
			key := sort + ":" + plainName(called)
			if other, twice := i.people[key]; twice && other != id {
				i.people[key] = ""
			} else {
				i.people[key] = id
			}
		}
	}
	for p := range all { // an id is meant before a name
		sort, id := p.Split()
		i.people[sort+":"+plainName(id)] = id
	}
	slices.Sort(ids)
	i.dir.Load(ids, nil)
	return i.dir.Err()
}

// column reads the cells of one column.
func (i *importing) column(n int, f *process.Field) error {
	for _, l := range i.lines {
		if n >= len(l.row.Cells) || strings.TrimSpace(l.row.Cells[n].Text+l.row.Cells[n].Raw) == "" {
			continue
		}
		raw, why := i.cell(f, l.row.Cells[n])
		if !why.Empty() {
			i.wrong(l.row.Line, n+1, f, why.ZH, why.EN)
			continue
		}
		fields, bad := i.typ.Decode(map[string]any{f.Name: raw})
		if len(bad) == 0 {
			one := &process.RecordType{Fields: []process.Field{*f}}
			bad = append(i.unknownPeople(i.dir, one, fields), unknownDepartments(i.dir, one, fields)...)
		}
		if u := unkeepable(map[string]any{f.Name: raw}); len(bad) == 0 {
			bad = u
		}
		for _, b := range bad {
			i.add(ImportProblem{Line: l.row.Line, Column: n + 1, Field: f.Name, Message: b.Message})
		}
		if v := fields[f.Name]; v != nil && len(bad) == 0 {
			l.fields[f.Name] = v
		}
	}
	return i.dir.Err()
}

// cell is what a cell says, as JSON would send it. Several values of one field are separated by semicolons or line breaks.
func (i *importing) cell(f *process.Field, c ImportCell) (any, process.Text) {
	if !f.Many {
		return i.value(f, c)
	}
	list := []any{}
	for _, part := range strings.FieldsFunc(c.Text, func(r rune) bool { return strings.ContainsRune(";；、\n", r) }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		v, why := i.value(f, ImportCell{Text: part, Raw: part})
		if !why.Empty() {
			return nil, why
		}
		list = append(list, v)
	}
	return list, process.Text{}
}

func (i *importing) value(f *process.Field, c ImportCell) (any, process.Text) {
	text := strings.TrimSpace(c.Text)
	switch f.Type {
	case "number":
		return numberCell(cmp.Or(strings.TrimSpace(c.Raw), text))
	case "percent":
		return numberCell(strings.TrimSuffix(norm.NFKC.String(text), "%"))
	case "money":
		return moneyCell(f, text)
	case "yes_no":
		return yesNoCell(text)
	case "date", "datetime":
		return i.dateCell(f.Type, c, text)
	case "person":
		return cmp.Or(i.people["user:"+plainName(text)], text), process.Text{}
	case "department":
		return cmp.Or(i.people["department:"+plainName(text)], text), process.Text{}
	case "choice":
		return choiceCell(f, text), process.Text{}
	case "reference":
		return map[string]any{"type": f.To, "id": text}, process.Text{}
	}
	if strings.Contains(text, "E+") && c.Raw != "" { // a number too long for its cell
		text = c.Raw
	}
	return text, process.Text{}
}

func numberCell(text string) (any, process.Text) {
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", " ", "").Replace(norm.NFKC.String(text)), 64)
	if err != nil {
		return nil, process.Text{ZH: "应是数字", EN: "write a number"}
	}
	return n, process.Text{}
}

// moneyCell reads an amount with its currency, which stands on either side: 1200.00 CNY, ¥1,200, 50万 CNY.
func moneyCell(f *process.Field, text string) (any, process.Text) {
	text = strings.ToUpper(norm.NFKC.String(text))
	for mark, currency := range map[string]string{"¥": "CNY", "元": "CNY", "€": "EUR", "£": "GBP", "$": "USD"} {
		if strings.Contains(text, mark) {
			text = strings.TrimSpace(strings.ReplaceAll(text, mark, "")) + " " + currency
			break
		}
	}
	if len(text) > 3 && strings.Trim(text[:3], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		text = strings.TrimSpace(text[3:]) + " " + text[:3]
	}
	v, _ := f.Written(text)
	m, ok := v.(process.Money)
	if !ok {
		return nil, process.Text{ZH: "应写明金额和币种，如 1200.00 CNY 或 ¥1,200", EN: "write the amount with its currency, as 1200.00 CNY or ¥1,200"}
	}
	return m, process.Text{}
}

func yesNoCell(text string) (any, process.Text) {
	switch strings.ToLower(text) {
	case "true", "yes", "y", "1", "是", "√":
		return true, process.Text{}
	case "false", "no", "n", "0", "否", "×":
		return false, process.Text{}
	}
	return nil, process.Text{ZH: "应是 是 或 否", EN: "write yes or no"}
}

// choiceCell finds a choice by its name, or else by its title in either language.
func choiceCell(f *process.Field, text string) string {
	if slices.Contains(f.Of, text) {
		return text
	}
	for _, name := range f.Of {
		if title := f.Choice(name); plainName(text) == plainName(title.ZH) || plainName(text) == plainName(title.EN) || plainName(text) == plainName(name) {
			return name
		}
	}
	return text
}

// Dates as people write them.
var (
	dayForms    = []string{time.DateOnly, "2006/1/2", "2006-1-2", "2006.1.2", "2006年1月2日"}
	momentForms = []string{"2006-01-02T15:04:05", "2006-1-2 15:04:05", "2006-1-2 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006年1月2日 15:04"}
)

// dateCell reads a day, or a moment of the company's zone.
func (i *importing) dateCell(typ string, c ImportCell, text string) (any, process.Text) {
	zone := zoneOf(i.lib)
	for _, form := range append(slices.Clone(dayForms), momentForms...) {
		for _, written := range []string{c.Date, text} {
			t, err := time.ParseInLocation(form, written, zone)
			switch {
			case err != nil:
			case typ == "date":
				return t.Format(time.DateOnly), process.Text{}
			default:
				return t.Format(time.RFC3339), process.Text{}
			}
		}
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil && typ == "datetime" {
		return text, process.Text{}
	}
	return nil, process.Text{ZH: "应是日期，如 2026-11-21", EN: "write a date, as 2026-11-21"}
}

// refer finds the records that references name by their numbers or ids.
func (i *importing) refer() error {
	for n, f := range i.columns {
		if f == nil || f.Type != "reference" {
			continue
		}
		known, err := i.recordsNamed(f)
		if err != nil {
			return err
		}
		for _, l := range i.lines {
			l.fields[f.Name] = i.referred(l, n, f, known)
			if l.fields[f.Name] == nil {
				delete(l.fields, f.Name)
			}
		}
	}
	return nil
}

// recordsNamed finds the records that a column names: their ids, by what names them.
func (i *importing) recordsNamed(f *process.Field) (map[string]string, error) {
	var names []string
	for _, l := range i.lines {
		for _, v := range values(l.fields[f.Name]) {
			if ref, ok := v.(process.Reference); ok {
				names = append(names, ref.ID)
			}
		}
	}
	slices.Sort(names)
	known := map[string]string{}
	for part := range slices.Chunk(slices.Compact(names), 1000) {
		rows, err := i.tx.RecordsNamed(i.ctx, f.To, part)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			known[row.ID], known[cmp.Or(str(row.Number), row.ID)] = row.ID, row.ID
		}
	}
	return known, nil
}

// referred is a value of a column of references with the ids in the place of what named the records.
func (i *importing) referred(l *importLine, n int, f *process.Field, known map[string]string) any {
	found := func(v any) any {
		ref, ok := v.(process.Reference)
		if !ok {
			return v
		}
		id := known[ref.ID]
		if id == "" {
			i.wrong(l.row.Line, n+1, f, "没有编号为 "+ref.ID+" 的记录", "there is no record with the number "+ref.ID)
		}
		return process.Reference{Type: f.To, ID: id}
	}
	if list, many := l.fields[f.Name].([]any); many {
		for k := range list {
			list[k] = found(list[k])
		}
		return list
	}
	return found(l.fields[f.Name])
}

// whole checks each line as a record: what is required is there, and nothing that only a process may write.
func (i *importing) whole() {
	defaults := i.typ.Defaults(i.Caller, i.at.In(zoneOf(i.lib)).Format(time.DateOnly))
	for _, l := range i.lines {
		bad := protected(i.typ, difference(defaults, l.fields))
		if !i.bad[l.row.Line] {
			bad = append(bad, i.typ.Missing(defaults.With(l.fields))...)
		}
		for _, b := range bad {
			column := 1 + slices.IndexFunc(i.columns, func(f *process.Field) bool { return f != nil && f.Name == b.Field })
			i.add(ImportProblem{Line: l.row.Line, Column: column, Field: b.Field, Message: b.Message})
		}
	}
}

// unique finds values that must be unique and that another line, or a record, has already.
func (i *importing) unique() error {
	for _, name := range i.typ.Unique {
		f := i.typ.Field(name)
		n := slices.IndexFunc(i.columns, func(c *process.Field) bool { return c != nil && c.Name == name })
		if f == nil || n < 0 {
			continue
		}
		first := map[string]int{}
		var wanted []store.UniqueRow
		for _, l := range i.lines {
			value := f.Normal(l.fields[name])
			if value == "" {
				continue
			}
			if line, taken := first[value]; taken {
				i.wrong(l.row.Line, n+1, f, fmt.Sprintf("与第 %d 行相同", line), fmt.Sprintf("the same as in line %d", line))
				continue
			}
			first[value] = l.row.Line
			wanted = append(wanted, store.UniqueRow{Type: i.Type, Field: name, Value: value, RecordID: strconv.Itoa(l.row.Line)})
		}
		for part := range slices.Chunk(wanted, 1000) {
			if err := i.held(n, part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *importing) held(n int, wanted []store.UniqueRow) error {
	holders, err := i.tx.UniqueHolders(i.ctx, wanted)
	if err != nil || len(holders) == 0 {
		return err
	}
	owners, err := i.owners(holders)
	for _, h := range holders {
		line, _ := strconv.Atoi(h.Ours)
		taken := takenField(i.typ, h, owners[h.ID])
		i.add(ImportProblem{Line: line, Column: n + 1, Field: h.Field, Message: taken.Message})
	}
	return err
}

// owners are what the owners of records are called, by record.
func (i *importing) owners(holders []store.Holder) (map[string]process.Text, error) {
	var ids, people []string
	for _, h := range holders {
		ids = append(ids, h.ID)
	}
	rows, err := i.tx.RecordsOf(i.ctx, i.Type, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		people = append(people, str(row.Owner))
	}
	slices.Sort(people)
	i.dir.Load(slices.DeleteFunc(slices.Compact(people), func(id string) bool { return id == "" }), nil)
	names := map[string]process.Text{}
	for _, row := range rows {
		if p, ok := i.dir.Person(str(row.Owner)); ok && row.Owner != nil {
			names[row.ID] = p.Name
		}
	}
	return names, i.dir.Err()
}
