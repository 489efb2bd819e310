package process

// The words of the language, which the JSON Schema is made from. A test holds them against what the loader really reads.
var objects = append([]object{
	{name: "process", what: "a process", need: []string{"process", "record", "steps"}, words: []word{
		{"process", "id", "流程的标识 · the id of the process"},
		{"title", "title", "人们怎么称呼它 · what people call it"},
		{"record", "id", "办理哪一种记录 · the record type it is about"},
		{"number", "text", "事项编号的格式 · the pattern of the case number: KH{yyyyMM}{0000}"},
		{"subject", "text | texts", "处处显示的一句话 · what every row, card, mail and print shows: {record.company}"},
		{"summary", "[id]", "处处显示的 3–5 个字段 · three to five fields shown everywhere"},
		{"start", "start", "怎样发起 · what opens a case"},
		{"one_open_per_record", "yes", "同一记录只能有一个未结束的 · a second open case for the same record is refused"},
		{"until", "[until]", "在任何一步都能结束它 · ends the case wherever it stands"},
		{"clocks", "[clock]", "跨越多步的时限 · limits on a stretch of the whole case"},
		{"resubmit", "resubmit", "`go: resubmit` 打开的步骤 · the step that `go: resubmit` opens for the initiator"},
		{"revoke", "revoke", "通过以后怎样撤销 · how an approved case is undone"},
		{"copy", "[copy]", "抄送 · who gets a copy"},
		{"late", "[rung]", "没有自己逾期规则的步骤用它 · the ladder of every step that has none of its own"},
		{"calendar", "id", "默认的工作日历 · the default calendar"},
		{"steps", "steps", "步骤，顺序就是正常路线 · the steps; their order is the normal way"},
		{"language", "version", "语言版本 · the version of the language"},
	}},
	{name: "titles", what: "a title", words: []word{{"zh", "text", ""}, {"en", "text", ""}}},
	{name: "texts", what: "a text", words: []word{{"zh", "text", ""}, {"en", "text", ""}}},
	{name: "start", what: "`start`", words: []word{
		{"by", "[text]", "谁可以发起 · who may press the button: role:sales"},
		{"on", "[text]", "哪些事件自动发起 · events that open a case about their record"},
		{"as", "by", "自动发起时算谁发起 · who counts as the initiator when nobody pressed a button"},
		{"every", "text", "按什么节奏自动发起 · a rhythm: month, 10 working days"},
		{"for", "cel", "为哪些记录 · which records"},
		{"form", "{access}", "发起时填什么 · what the starter fills in"},
	}},
	{name: "until", what: "an entry of `until`", need: []string{"end"}, words: []word{
		{"on", "text", "事件 · an event"}, {"at", "cel", "时刻 · a moment"}, {"end", "id", "结果 · the outcome"},
	}},
	{name: "clock", what: "a clock", need: []string{"id", "from", "to", "within"}, words: []word{
		{"id", "id", ""}, {"title", "title", ""}, {"from", "anchor", "start, opened(step), done(step)"}, {"to", "anchor", "done(step)"},
		{"within", "limit", "时限 · how long it may take"}, {"stops_while", "[text]", "这些原因停表时也停 · reasons while which it stands still"}, {"late", "[rung]", ""},
	}},
	{name: "resubmit", what: "`resubmit`", words: []word{{"edit", "{access}", ""}, {"due", "due", ""}}},
	{name: "revoke", what: "`revoke`", need: []string{"by"}, words: []word{
		{"by", "[by]", "谁可以提出 · who may ask for it"}, {"within", "limit", "结束后多久之内 · how long after its end"}, {"approved_by", "[by]", "谁同意 · who must agree"},
	}},
	{name: "copy", what: "`copy`", need: []string{"to", "at"}, words: []word{{"to", "[by]", ""}, {"at", "'start' | 'end' | 'here' | 'approved'", ""}}},
	{name: "rung", what: "an entry of `late`", words: []word{
		{"at", "share", "due 或时限的百分比 · due, or a share of the limit"}, {"after", "limit", "逾期多久后 · how long after the due moment"},
		{"tell", "[by]", "通知 · who is told"}, {"add", "[by]", "加签 · who is added beside the holder"},
		{"hand_up", "yes", "上交一级 · one level up, with a limit of its own"}, {"transfer", "by", "转给 · who gets it"}, {"outcome", "id", "系统决定的结果 · the system decides"},
	}},
	{name: "person", what: "`by`", words: []word{
		{"manager_of", "text", "…的上级 · the manager of: initiator, owner, assignee, or a person field"},
		{"managers_of", "text", "…的各级上级 · a row of managers"},
		{"up_to", "'top' | level", "到哪一级为止 · where the row ends"},
		{"order", "'up' | 'down'", "由低到高或由高到低 · the lowest or the highest first"},
		{"head_of", "text", "部门负责人 · the head of a department"},
		{"in_charge_of", "text", "分管领导 · the executive in charge of a department"},
		{"role", "text", ""}, {"for", "cel", "角色的范围 · what the role is held for: record.region"},
		{"department", "text", ""}, {"group", "text", ""}, {"position", "text", ""}, {"user", "text", ""},
		{"field", "text", "记录的人员字段 · a person field of the record"},
		{"actor_of", "text", "办过某一步的人 · who did a step"},
		{"picked_by", "text", "由谁挑选 · who picks: initiator, previous"},
		{"from", "[by]", "从谁中挑选 · whom they may pick"}, {"count", "count | text", "挑几个 · how many: 1..3"},
		{"outside", "cel", "外部人员 · somebody without an account"}, {"stands_in", "by", "谁代为办理 · who acts for them"},
		{"email", "cel", "外部人员的邮箱 · where they are written to: record.email"},
		{"cel", "cel", "给出人的表达式 · an expression that gives people"},
		{"if", "cel", "仅当 · only if"}, {"everyone", "yes", "每个成员都是一席 · every member is a seat"},
	}},
	{name: "level", what: "`up_to`", words: []word{{"role", "text", ""}, {"level", "count", ""}}},
	{name: "to", what: "this", need: []string{"to"}, words: []word{{"to", "by", ""}}},
	{name: "mode", what: "`mode`", need: []string{"votes"}, words: []word{{"votes", "votes", "票签 · a vote"}}},
	{name: "votes", what: "`votes`", need: []string{"need"}, words: []word{
		{"need", "need", "2/3, 3, 60%"}, {"weights", "{count}", "票数 · how much votes count"}, {"veto", "[by]", "一票否决 · whose refusal alone rejects"},
		{"tie", "'approved' | 'rejected'", "都达不到时 · when neither side can reach it"},
	}},
	{name: "comment", what: "`comment`", words: []word{{"required_on", "none | [text]", "哪些结果要写理由 · outcomes that need a comment"}}},
	{name: "moment", what: "a limit", words: []word{{"table", "id", "由决策表得出 · a table that gives the limit"}}},
	{name: "stop", what: "an entry of `may_stop_clock`", need: []string{"reason"}, words: []word{{"reason", "text", ""}, {"title", "title", "按钮上的名称 · what people call it"}, {"at_most", "limit", ""}}},
	{name: "follows", what: "what follows", words: []word{
		{"title", "title", "按钮上的名称 · what the outcome is called on its button"},
		{"end", "id", "结束，结果是 · ends the case with an outcome"}, {"go", "id", "去哪一步 · a step of the same or an enclosing list, or resubmit"},
		{"steps", "steps", "先做这些，再往下走 · done, then the chain goes on"}, {"require", "[text]", "必须已填写 · fields that must be filled in"},
		{"set", "{any}", "同时更新 · what the record becomes"}, {"at_most", "count", "最多几次 · how often"}, {"then", "way", "用完之后 · what follows afterwards"},
		{"only", "'chosen'", "只重办所选的项 · an each is entered again for chosen items only"},
	}},
	{name: "undoing", what: "`undo`", words: []word{{"steps", "steps", ""}}},
	{name: "branch", what: "a branch", need: []string{"steps"}, words: []word{{"when", "cel", "条件 · the condition"}, {"otherwise", "yes", "其他情况 · in any other case"}, {"steps", "steps", ""}}},
	{name: "line", what: "a branch", need: []string{"id", "steps"}, words: []word{{"id", "id", ""}, {"title", "title", ""}, {"steps", "steps", ""}}},
	{name: "waiting", what: "`wait`", words: []word{
		{"until", "cel", "等到某个时刻 · a moment"}, {"on", "text", "等某个事件 · an event"}, {"within", "limit", "应在多久之内 · how long at most"}, {"late", "[rung]", ""},
	}},
	{name: "asked", what: "`request`", need: []string{"to"}, words: []word{
		{"to", "text", "哪个系统 · which system"}, {"get", "text", "路径 · a path"}, {"post", "text", "路径 · a path"}, {"body", "{any}", ""},
		{"into", "{text}", "写入哪些字段 · fields that the answer fills in: body.customer.no"}, {"failed", "'hold' | way", "失败时 · when there is no answer"},
	}},
}, append(stepObjects, documentObjects...)...)

// Words that steps share.
var (
	everyStep = []word{
		{"id", "id", "步骤的标识 · the id of the step"},
		{"if", "cel", "不成立就跳过 · false: passed over, and said so"},
		{"aside", "yes", "只有 go 才到 · reached only by go"},
		{"copy", "[copy]", "抄送 · who gets a copy"},
	}
	undoWords  = []word{{"undo", "'restore' | undoing | step | steps", "退回、撤回时怎样撤销 · what happens to its effect when it shall not stand"}}
	namedStep  = []word{{"title", "title", "步骤的名称 · what people call the step"}}
	thenWords  = []word{{"then", "way", "之后去哪里 · what follows"}}
	askedWords = []word{
		{"by", "[by]", "问谁 · who is asked"},
		{"mode", "'first' | 'all' | 'all_opinions' | 'in_turn' | mode", "几个人怎样算 · how several decide"},
		{"everyone", "yes", "每个成员都是一席 · every member is a seat"},
		{"if_none", "'hold' | 'skip' | 'reject' | to", "找不到人时 · when nobody is found"},
		{"if_initiator", "'ask' | 'skip' | to", "是发起人本人时 · when it is the initiator"},
		{"not_same_as", "[id]", "职责分离 · separation of duties"},
		{"same_again", "'ask' | 'skip_if_approved' | 'skip_if_adjacent' | 'keep_last'", "前面同意过的人 · somebody who has approved before"},
		{"show", "[text]", "能看到 · what they see"}, {"edit", "{access}", "能填写 · what they fill in"}, {"hide", "[text]", "看不到 · what they don't see"},
		{"comment", "comment", "什么时候要写理由 · when a comment is required"},
		{"signature", "'required'", "要签名 · a signature is needed"},
		{"may", "none | [act]", "还可以做什么 · what else they may do"},
		{"bulk", "yes", "可否批量 · whether it may be done in bulk"},
	}
	timeWords = []word{
		{"due", "due", "时限 · the limit"}, {"remind", "[before]", "到期前提醒 · reminders"}, {"late", "[rung]", "逾期怎么办 · the ladder"},
	}
	stopWords = []word{{"may_stop_clock", "[stop]", "可以停表的原因 · reasons for which its clock may be stopped"}}
)

// stepObjects are the kinds of steps.
var stepObjects = []object{
	stepObject("approve", "title", "审批 · asks for a decision", undoWords, askedWords, timeWords, stopWords, []word{
		{"on", "decisions", "每种结果之后 · what follows each outcome"}, {"return_to", "[place]", "可以退回到 · where a return may go"},
		{"resume", "'again' | 'back'", "退回改好后 · run again, or come straight back"}, {"reapprove_if_changed", "[text]", "改了要重新审批 · fields whose change voids the approval"},
	}),
	stepObject("task", "title", "任务 · work with a form", undoWords, askedWords, timeWords, stopWords, thenWords, []word{
		{"claim", "yes", "先领取再办 · open to all until one takes it"}, {"outcomes", "{way}", "每种结果之后 · what follows each outcome"},
	}),
	stepObject("notify", "title", "通知 · a message", undoWords, thenWords, []word{{"to", "[by]", "告诉谁 · whom"}, {"message", "text | texts", "说什么 · the text"}}),
	stepObject("wait", "limit | waiting", "等待 · a moment or an event", namedStep, thenWords, []word{{"outcomes", "{way}", "每种结果之后 · what follows each outcome"}}),
	stepObject("decide", "id | own-table", "查决策表 · a decision table", undoWords, namedStep, thenWords),
	stepObject("choose", "branches", "分支 · the first branch whose condition holds", namedStep, thenWords),
	stepObject("parallel", "lines", "并行 · branches beside each other", namedStep, thenWords, []word{{"join", "'all' | 'first'", "全部走完，还是一支走完 · all branches, or the first"}}),
	stepObject("each", "cel", "逐项 · a branch for every item of a list", namedStep, thenWords, []word{
		{"as", "text", "$x 的名称 · the name of an item"}, {"into", "text", "每项属于哪个明细字段的一行 · the lines whose line is the item's"}, {"steps", "steps", ""},
	}),
	stepObject("stage", "title", "阶段 · a group of steps with its own limit", thenWords, timeWords, []word{{"steps", "steps", ""}}),
	stepObject("call", "id", "子流程 · another process", undoWords, namedStep, thenWords, []word{
		{"with", "{any}", "带上什么 · fields of its record"}, {"wait", "yes", "是否等它结束 · whether its end is waited for"}, {"on", "{way}", "它结束之后 · what follows its outcomes"},
	}),
	stepObject("set", "{any}", "更新记录 · change the record", undoWords, namedStep, thenWords),
	stepObject("create", "{made}", "新建记录 · make a record", undoWords, namedStep, thenWords),
	stepObject("request", "asked", "调用系统 · HTTP to a configured system", undoWords, namedStep, thenWords),
	stepObject("end", "id", "结束 · an outcome", namedStep),
}

// documentObjects are the documents beside the process.
var documentObjects = append([]object{
	{name: "record", what: "a record type", need: []string{"record", "fields"}, words: []word{
		{"record", "id", "记录种类的标识 · the id of the record type"}, {"title", "title", ""}, {"number", "text", "编号的格式 · the pattern of its number"},
		{"fields", "{field}", "字段 · its fields"}, {"unique", "[text]", "不能重复 · no two alike"}, {"similar", "[text]", "提示相似的 · points at similar ones"},
		{"changed_only_by", "{owners}", "只有这些流程能改 · only these processes may change it"}, {"emits", "{cel}", "什么时候发生什么事件 · events, and when they happen"}, {"language", "version", ""},
	}},
	{name: "field", what: "a field", need: []string{"type"}, words: []word{
		{"type", "field-type", ""}, {"title", "title", ""}, {"required", "yes", ""}, {"many", "yes", ""}, {"default", "any", ""}, {"long", "yes", ""},
		{"of", "choices | {title} | {field}", "选项（可带名称），或明细的各列 · the choices, with titles or without, or the columns of lines"}, {"to", "id", "指向哪种记录 · the record type it refers to"}, {"key", "text", "标识一行的列 · the column that identifies a line"},
		{"accept", "[text]", ""}, {"at_most", "text", "20 MB"}, {"is", "cel", "由公式算出 · computed"}, {"at_least", "any", "不能低于 · never below"},
	}},
	{name: "calendar", what: "a calendar", need: []string{"calendar", "zone"}, words: []word{
		{"calendar", "id", ""}, {"title", "title", ""}, {"zone", "text", "Asia/Shanghai"}, {"week", "{shifts}", "每周的班次 · shifts per weekday"},
		{"weeks", "[week]", "交替的几周 · alternating weeks"}, {"alternate_from", "text", ""}, {"holidays", "holidays", ""}, {"days", "{shifts}", "个别日期 · single days"}, {"language", "version", ""},
	}},
	{name: "holidays", what: "`holidays`", words: []word{{"from", "text", ""}, {"years", "[year]", ""}}},
	{name: "table", what: "a decision table", need: []string{"table", "input", "output", "rows"}, words: []word{
		{"table", "id", ""}, {"title", "title", ""}, {"input", "{cel}", "看什么 · what is looked at"}, {"output", "{text}", "得出什么 · what it gives"}, {"hit", "'unique' | 'first'", "几行适用 · how many rows apply"},
		{"rows", "[row]", ""}, {"language", "version", ""},
	}},
	{name: "own-table", what: "a decision table", need: []string{"input", "output", "rows"}, words: []word{
		{"title", "title", ""}, {"input", "{cel}", "看什么 · what is looked at"}, {"output", "{text}", "得出什么 · what it gives"}, {"hit", "'unique' | 'first'", "几行适用 · how many rows apply"}, {"rows", "[row]", ""},
	}},
	{name: "row", what: "a row", words: []word{{"when", "{any}", ""}, {"then", "{any}", ""}}},
	{name: "rights", what: "the document of rights", need: []string{"rights"}, words: []word{{"rights", "{grant}", "谁能看、能改什么 · who may see and change what"}, {"language", "version", ""}}},
	{name: "grant", what: "a grant", words: []word{{"records", "{record-right}", ""}, {"processes", "{case-right}", ""}}},
	{name: "record-right", what: "a right on records", words: []word{
		{"see", "[text] | yes", ""}, {"create", "yes", ""}, {"change", "[text] | yes", ""}, {"hide", "[text]", ""}, {"mask", "{text}", "138****1234"},
	}},
	{name: "case-right", what: "a right on a process", words: []word{{"start", "yes", ""}, {"see", "[text] | yes", ""}}},
}, scenarioObjects...)

func init() {
	// Shapes that other shapes are part of.
	for name, s := range map[string]string{
		"by": "'initiator' | 'holder' | 'assignee' | person", "due": "limit | moment | when", "way": "follows", "owners": "[id]", "week": "{shifts}", "made": "{any}",
	} {
		scalars[name] = shape(s)
	}
	scalars["when"] = map[string]any{"type": "string", "description": "10 working days before record.ends_on, record.ends_on, 2026-12-31", "pattern": `(?i)\bbefore\s+\S|^\(*(record|before|decided|now|today)\b|^\d{4}-\d\d-\d\d`}
	scalars["title"] = map[string]any{"anyOf": []any{defined("text"), defined("titles")}}
	scalars["none"] = map[string]any{"type": "array", "maxItems": 0}
	scalars["act"] = map[string]any{"enum": []any{"return", "transfer", "add", "copy"}}
	scalars["place"] = map[string]any{"enum": []any{"initiator", "previous", "any"}}
	scalars["year"] = map[string]any{"type": "integer", "minimum": 1900, "maximum": 2200}
	scalars["choices"] = map[string]any{"type": "array", "items": map[string]any{"type": "string"}}
	scalars["field-type"] = map[string]any{"enum": anys(fieldTypes)}
	scalars["followed"] = map[string]any{"anyOf": []any{defined("way"), map[string]any{"const": "no"}, map[string]any{"const": false}}}
	scalars["branches"] = map[string]any{"type": "array", "minItems": 1, "items": defined("branch")}
	scalars["lines"] = map[string]any{"type": "array", "minItems": 1, "items": defined("line")}
	decisions := map[string]any{}
	for _, outcome := range approveOutcomes {
		decisions[outcome] = defined("followed")
	}
	scalars["decisions"] = map[string]any{"type": "object", "properties": decisions, "additionalProperties": false}
}

func anys(words []string) []any {
	var out []any
	for _, w := range words {
		out = append(out, w)
	}
	return out
}
