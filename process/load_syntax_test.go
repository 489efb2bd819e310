package process

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What people mistype is named where it stands, in words of their own language; the library that reads YAML knows neither.
func TestWhatIsMistypedIsNamed(t *testing.T) {
	t.Parallel()
	chain := "process: quick\ntitle: {zh: 快速，审批, en: Quick}\nrecord: quote\nnumber: \"KS{0000}\"\nsubject: \"{initiator}\"\nstart: {by: [role:sales]}\nsteps:\n" +
		"  - id: manager\n    approve: {zh: 经理审批, en: The manager}\n    by: {manager_of: initiator}\n    due: 1 working day\n" +
		"  - id: money\n    approve: Finance\n    by: [{role: finance}, {head_of: sales}]\n    mode: all\n    if: record.amount > 50万 CNY\n  - end: approved\n"
	for _, c := range []struct{ from, to, place, zh, en string }{
		{"    due: 1 ", "    due：1 ", "11:8", "全角的 `：`", "full-width `：`; write `:` and a space"},
		{"title: {zh", "title：{zh", "2:6", "全角的 `：`", "full-width `：`"},
		{"}, {head_of", "}，{head_of", "14:25", "全角的 `，`", "full-width `，`; write `,`"},
		{"{manager_of: initiator}", "｛manager_of: initiator｝", "10:9", "全角的 `｛`", "full-width `｛`; write `{`"},
		{`"KS{0000}"`, `“KS{0000}”`, "4:9", "是不是要用半角的 `\"`", "these quotes are full-width"},
		{"    due: 1 ", "    due:1 ", "11:8", "冒号后面要空一格：`due: …`", "a space is missing behind the colon: `due: …`"},
		{"    due: 1 ", "    due:\u00a01 ", "11:9", "不间断空格", "no-break space"},
		{"    due: 1 ", "　　due: 1 ", "11:1", "全角空格", "full-width space"},
		{"    due: 1 ", "    due\u200b: 1 ", "11:5", "看不见的字符", "a character that isn't seen"},
		{"    due: 1 ", "\tdue: 1 ", "11:1", "制表符", "a tab can't stand here"},
		{"  - id: money", "  – id: money", "12:3", "长横线 `–`", "a long dash `–`"},
		{"    approve: {zh: 经理", "   approve: {zh: 经理", "9:4", "缩进", "indented otherwise"},
		{"  - id: money", "    - id: money", "12:5", "缩进", "indented otherwise"},
		{"    due: 1 working day\n", "    due 1 working day\n", "11:5", "读不懂：每行写成 `键: 值`", "a line is `key: value`"},
		{"en: Quick}", "en: Quick #1}", "2:30", "之后是注释", "is a comment"},
		{"{manager_of: initiator}", "{manager_of: initiator", "10:9", "这个 `{` 没有配对", "this `{` isn't closed"},
		{`"KS{0000}"`, `"KS{0000}`, "4:9", "引号 `\"` 没有配对", "this quote `\"` isn't closed"},
		{"approve: Finance", "approve: Finance: large", "13:14", "整段文字要加引号", "stands in quotes"},
		{"process: quick\n", "", "1:1", "流程的第一行要写它的标识", "the first line of a process is its id"},
		{"process: quick\ntitle: {zh: 快速，审批, en: Quick}\n", "title: Quick\nprocess: quick\n", "2:1", "`process` 要写在最前面", "`process` stands first"},
		{"1 working day\n", "一个工作日\n", "11:10", "请写成 1 working day", "is written 1 working day"},
		{"1 working day\n", "２ working days\n", "11:10", "请写成 2 working days", "is written 2 working days"},
		{"1 working day\n", "0.5 working days\n", "11:10", "请写成 4 working hours", "is written 4 working hours"},
		{"1 working day\n", "1\n", "11:10", "`1 working day`", "`1 working day`"},
		{"    by: {manager", "    审批人: {manager", "10:5", "是不是想写 `by`", "did you mean `by`"},
		{"mode: all", "mode: 会签", "15:11", "是不是想写 `all`", "did you mean `all`"},
		{"50万 CNY", "CNY 500000", "16:29", "币种写在金额后面", "the currency stands behind the amount"},
		{"record.amount > 50万 CNY", "record.valid_until > 2026-12-01", "16:28", "日期要写在引号里：`> \"2026-12-31\"`", "a day stands in quotes"},
		{"if: record.amount > 50万 CNY", "if: !record.owner.contains(\"x\")", "16:9", "要加引号：\"!record.owner.contains('x')\"", "stands in quotes: \"!record.owner.contains('x')\""},
		{"{role: finance}", "{role: finance, if: !has(record.owner)}", "14:30", "要加引号：\"!has(record.owner)\"", "stands in quotes: \"!has(record.owner)\""},
		{"record.amount > 50万 CNY", "\"li.na\" == record.owner", "16:9", "整个再加引号：\"'li.na' == …\"", "as a whole: \"'li.na' == …\""},
		{"{role: finance}", "{role: finance, if: 'li.na' == record.owner}", "14:30", "整个再加引号", "as a whole"},
		{"start: {by", "until: [{at: 3 working days before record.valid_until, end: late}]\nstart: {by", "6:14", "只能用在 `due`", "is for `due` only"},
		{"start: {by", "clocks: [{id: all, from: start, to: done(money), within: {table: limits}}]\nstart: {by", "6:58", "不能用决策表", "a table can't stand here"},
	} {
		require.Contains(t, chain, c.from)
		file := File{Path: "quick.yaml", Content: strings.Replace(chain, c.from, c.to, 1)}
		_, problems := Load([]File{{Path: "quote.yaml", Content: smallQuote}, file}, nil, nil)
		found := slices.IndexFunc(problems, func(p Problem) bool { return strings.HasPrefix(p.String("en"), "quick.yaml:"+c.place+": ") })
		require.GreaterOrEqual(t, found, 0, "%s: %v", c.to, wrong(problems))
		require.Contains(t, problems[found].Message.EN, c.en)
		require.Contains(t, problems[found].Message.ZH, c.zh)
	}
	_, problems := Load([]File{{Path: "quote.yaml", Content: smallQuote}, {Path: "quick.yaml", Content: chain}}, nil, nil)
	require.Empty(t, wrong(problems), "a full-width comma in a text is a text")
}

const smallQuote = `
record: quote
title: Quote
number: "Q{0000}"
fields:
  amount:      {type: money}
  valid_until: {type: date}
  owner:       {type: person, default: creator}
`
