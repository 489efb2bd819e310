package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/crmflow/crmflow/process"
)

// carryOut does what a worker does.
func (b *bundle) carryOut(id string) {
	b.Helper()
	for more := true; more; {
		var err error
		more, err = b.s.engine.ImportPiece(b.Context(), id)
		require.NoError(b, err)
	}
}

func places(list any) []string {
	var out []string
	for _, e := range list.([]any) {
		e := e.(map[string]any)
		line, _ := e["line"].(float64)
		column, _ := e["column"].(float64)
		field, _ := e["field"].(string)
		out = append(out, strings.Join([]string{field, string(rune('0' + int(line))), string(rune('0' + int(column)))}, ":"))
	}
	return out
}

func TestATableOfRecordsIsCheckedThenMade(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	sales.post("/records/lead", map[string]any{"fields": lead("0001")}).ok()
	wrong := "company,contact,电话 ,source,expected_amount,owner\n" +
		"甲公司,Xu,+86 519 5550 0001,exhibition,,\n" + // the phone is taken
		"乙公司,,13800000002,exhibition,¥1,\n" + // no contact
		"丙公司,Xu,call me,nowhere,12,nobody\n" + // everything
		"丁公司,Xu,13800000003,,1200.50 CNY,孙鹏\n" +
		"戊公司,Xu,138-0000-0003,,50万 CNY,sun.peng\n" // the same phone as the line above
	table := strings.ReplaceAll(wrong, "电话 ", "phone")
	dry := sales.sendFile("/records/lead/imports?dry_run=true", "leads.csv", table, nil).ok()
	require.Equal(t, []any{"checked", nil, 5.0, 4.0}, []any{dry["status"], dry["id"], dry["lines"], dry["failed"]})
	require.Equal(t, []string{"phone:2:3", "contact:3:2", "phone:4:3", "source:4:4", "expected_amount:4:5", "owner:4:6", "phone:6:3"}, places(dry["errors"]))
	refused := sales.sendFile("/records/lead/imports", "leads.csv", table, nil).refused(process.CodeFieldInvalid)
	require.Equal(t, places(dry["errors"]), places(refused["errors"]))
	require.Len(t, sales.get("/records/lead").items(), 1, "all or nothing")
	zh := sales.in("zh").sendFile("/records/lead/imports", "leads.csv", table, nil).refused(process.CodeFieldInvalid)
	require.Contains(t, zh["errors"].([]any)[0].(map[string]any)["message"], "已有相同")
	require.Contains(t, zh["errors"].([]any)[0].(map[string]any)["message"], "李娜", "and whose it is")

	right := "\xef\xbb\xbfcompany,contact,phone,expected_amount\n=1+1,Xu,13800000002,\"¥1,200.50\"\n乙公司,@SUM(A1),13800000003,50万 CNY\n"
	made := sales.sendFile("/records/lead/imports?dry_run=false", "leads.csv", right, nil).ok()
	require.Equal(t, []any{"running", 2.0, 0.0}, []any{made["status"], made["lines"], made["made"]})
	path := "/imports/" + made["id"].(string)
	require.Len(t, sales.get("/records/lead").items(), 1, "a worker makes them")
	b.carryOut(made["id"].(string))
	b.carryOut(made["id"].(string))
	done := sales.get(path).ok()
	require.Equal(t, []any{"done", 2.0, 0.0}, []any{done["status"], done["made"], done["failed"]})
	records := sales.get("/records/lead").items()
	require.Len(t, records, 3, "each line once")
	fields := map[string]map[string]any{}
	for _, r := range records {
		f := r["fields"].(map[string]any)
		fields[f["phone"].(string)] = f
		require.Equal(t, "li.na", r["owner"])
	}
	require.Equal(t, "=1+1", fields["13800000002"]["company"], "a formula is text")
	require.Equal(t, map[string]any{"amount": 120050.0, "currency": "CNY"}, fields["13800000002"]["expected_amount"])
	require.Equal(t, map[string]any{"amount": 50000000.0, "currency": "CNY"}, fields["13800000003"]["expected_amount"])
	b.as("sun.peng").get(path).refused(process.CodeNotFound)
	b.as("deng.rui").get(path).ok()
	b.as("liang.hong").sendFile("/records/lead/imports", "leads.csv", right, nil).refused(process.CodeForbidden)
	sales.sendFile("/records/nothing/imports", "leads.csv", right, nil).refused(process.CodeNotFound)
}

func TestALineThatCantBecomeARecordAnyMoreSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	made := sales.sendFile("/records/lead/imports", "leads.csv", "company,contact,phone\n甲,Xu,13800000001\n乙,Xu,13800000002\n", nil).ok()
	b.as("sun.peng").post("/records/lead", map[string]any{"fields": map[string]any{"company": "X", "contact": "X", "phone": "13800000001"}}).ok()
	b.carryOut(made["id"].(string))
	done := sales.get("/imports/" + made["id"].(string)).ok()
	require.Equal(t, []any{"done", 1.0, 1.0}, []any{done["status"], done["made"], done["failed"]})
	require.Equal(t, []string{"phone:2:0"}, places(done["errors"]))
}

func TestAnImportSentTwiceIsOne(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	send := func(content string) answer {
		return sales.sendFile("/records/lead/imports", "leads.csv", content, http.Header{"Idempotency-Key": {"once"}})
	}
	first := send("company,contact,phone\n甲,Xu,13800000001\n").ok()
	b.carryOut(first["id"].(string))
	require.Equal(t, first["id"], send("company,contact,phone\n甲,Xu,13800000001\n").ok()["id"])
	send("company,contact,phone\n乙,Xu,13800000001\n").refused(process.CodeKeyReused)
}

func TestTablesComeAsPeopleHaveThem(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	customer := admin.post("/records/customer", map[string]any{"fields": map[string]any{"company": "海川机械", "contact": "Xu Min", "phone": "13800030001", "owner": "li.na"}}).ok()
	number := customer["number"].(string)

	gbk, err := simplifiedchinese.GB18030.NewEncoder().String("customer,valid_until,owner\n" + number + ",2026年11月30日,李娜\n")
	require.NoError(t, err)
	made := admin.sendFile("/records/quote/imports", "报价.csv", gbk, nil).ok()
	b.carryOut(made["id"].(string))

	book := excelize.NewFile()
	style, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	require.NoError(t, err)
	for cell, v := range map[string]any{"A1": "customer", "B1": "valid_until", "C1": "owner", "A2": number, "B2": 46387, "C2": "sun.peng", "A4": number, "B4": "2026-12-30", "C4": "=cmd|' /C calc'!A0"} {
		require.NoError(t, book.SetCellValue("Sheet1", cell, v))
	}
	require.NoError(t, book.SetCellStyle("Sheet1", "B2", "B2", style))
	buffer, err := book.WriteToBuffer()
	require.NoError(t, err)
	dry := admin.sendFile("/records/quote/imports?dry_run=true", "quotes.xlsx", buffer.String(), nil).ok()
	require.Equal(t, []string{"owner:4:3"}, places(dry["errors"]), "%v", dry)
	require.NoError(t, book.SetCellValue("Sheet1", "C4", ""))
	buffer, err = book.WriteToBuffer()
	require.NoError(t, err)
	made = admin.sendFile("/records/quote/imports", "quotes.xlsx", buffer.String(), nil).ok()
	require.Equal(t, 2.0, made["lines"])
	b.carryOut(made["id"].(string))
	days := map[string]string{}
	for _, r := range admin.get("/records/quote").items() {
		f := r["fields"].(map[string]any)
		days[f["valid_until"].(string)] = f["owner"].(string)
		require.Equal(t, "海川机械", f["customer"].(map[string]any)["title"])
	}
	require.Equal(t, map[string]string{"2026-11-30": "li.na", "2026-12-31": "sun.peng", "2026-12-30": "deng.rui"}, days)

	for name, content := range map[string]string{"an old workbook": "\xd0\xcf\x11\xe0 old", "a broken one": "PK\x03\x04 broken", "no text": "a\x00b\n", "a quotation mark": "company\n\"x\n", "nothing": ""} {
		admin.sendFile("/records/lead/imports", "x", content, nil).refused(process.CodeFieldInvalid)
		require.NotEmpty(t, name)
	}
	admin.sendFile("/records/quote/imports", "x.csv", "customer,lines,amount,nothing,customer\n", nil).refused(process.CodeFieldInvalid)
	admin.sendFile("/records/lead/imports", "x.csv", strings.Repeat("x", 11<<20), nil).refused(codeTooLarge)
	admin.sendFile("/records/lead/imports", "x.csv", "company\n"+strings.Repeat("x\n", 50_001), nil).refused(process.CodeFieldInvalid)
}
