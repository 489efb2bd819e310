package process

// scenarioObjects are the words of scenarios, as far as an editor can help with them: package scenario reads them, and says what is wrong.
var scenarioObjects = []object{
	{name: "scenario", need: []string{"process", "cases"}, words: []word{
		{"process", "id", "测试哪个流程 · the process it is about"}, {"company", "any", "sample、文件或直接写出 · sample, a file, or written out"}, {"calendar", "id", "公司的日历 · the company's calendar"},
		{"title", "title", ""}, {"cases", "scenario-cases", ""}, {"language", "version", ""},
	}},
	{name: "scenario-case", need: []string{"at"}, words: []word{
		{"name", "any", ""}, {"but", "any", "是哪个案例的反例：只有一处不同 · the case to which it is the counter-example: one thing is another"},
		{"at", "text", "开始的时间 · when it begins"}, {"start", "scenario-start", ""}, {"then", "scenario-lines", "之后发生什么 · what happens, one thing per entry"},
	}},
	{name: "scenario-line", words: []word{
		{"start", "scenario-start", ""}, {"do", "{any}", "有人办理 · somebody acts: {as: li.na, approve: step}"}, {"event", "any", "事件 · an event"},
		{"change", "scenario-change", "外界改变 · the world changes"}, {"pass", "any", "时间流逝 · time passes: 1 working day, until due"}, {"expect", "[scenario-expect]", "应看到什么 · what is to be seen"},
	}},
	{name: "scenario-start", words: []word{
		{"by", "text", "谁发起 · who starts it"}, {"event", "text", ""}, {"on", "text", ""}, {"with", "{any}", "记录的字段 · fields of the record"}, {"picks", "[text]", "发起人选的人 · whom the initiator picks"},
	}},
	{name: "scenario-change", words: []word{
		{"record", "{any}", "记录的字段 · fields of the record"}, {"person", "{any}", "人员 · somebody of the company"}, {"absence", "{any}", "谁不在 · who is away"},
		{"handover", "scenario-handover", "谁离职，交接给谁 · who leaves, and who takes over"}, {"calendar", "{any}", "日历 · a calendar"},
	}},
	{name: "scenario-handover", need: []string{"of", "to"}, words: []word{
		{"of", "text", "离职者 · who leaves"}, {"to", "text", "接手的人 · who takes over"}, {"instead", "{text}", "某一类交给别人 · another one for tasks, records, initiator, roles, departments or absences"},
	}},
	{name: "scenario-expect", words: []word{
		{"task", "text", "有这样的任务 · there is such a task"}, {"no_task", "text", ""}, {"told", "scenario-people", "收到消息 · they had a message"}, {"not_told", "scenario-people", ""},
		{"case", "text", "running, suspended, ended, held"}, {"clock", "text", ""}, {"record", "{any}", "字段的值 · values of fields"}, {"refused", "yes | text", "上一行被拒绝 · the line before was refused"},
		{"preview", "text", "预览里有这一步 · the preview lists the step"}, {"everything", "scenario-everything", "全部情况，没写的就没有 · how everything stands, nothing left out"},
		{"of", "scenario-people", ""}, {"due", "any", ""}, {"outcome", "text", ""}, {"because", "any", ""}, {"message", "any", ""}, {"item", "any", ""}, {"claimable", "yes", ""}, {"about", "any", ""},
		{"process", "text", ""}, {"status", "scenario-clock-status", ""},
	}},
	{name: "scenario-everything", need: []string{"case"}, words: []word{
		{"case", "text", "进行中，或结果 · running, or the outcome"}, {"open", "[scenario-open]", "打开的任务 · every open task"}, {"votes", "{any}", "仍有效的意见 · answers that count in open rounds"},
		{"record", "{any}", "与开始时不同的字段 · fields that are otherwise than at the start"}, {"made", "{any}", "流程新建的记录 · records that chains have made"}, {"clocks", "[scenario-clock]", ""},
		{"copies", "{any}", "抄送 · who has got copies, read or unread"}, {"differs", "[text]", "与预览不同的步骤 · steps that have turned out otherwise than the preview said"}, {"told", "{any}", "谁收到什么消息 · who was told what"},
	}},
	{name: "scenario-open", need: []string{"task", "of"}, words: []word{
		{"task", "text", ""}, {"of", "scenario-people", ""}, {"due", "text", ""}, {"item", "any", ""}, {"claimable", "yes", ""},
	}},
	{name: "scenario-clock", need: []string{"clock", "status"}, words: []word{{"clock", "text", ""}, {"due", "text", ""}, {"status", "scenario-clock-status", ""}}},
}

func init() {
	scalars["scenario-people"] = map[string]any{"anyOf": []any{scalars["text"], map[string]any{"type": "object"}, map[string]any{"type": "array"}}}
	scalars["scenario-cases"] = map[string]any{"type": "array", "items": defined("scenario-case")}
	scalars["scenario-lines"] = map[string]any{"type": "array", "items": defined("scenario-line")}
	scalars["scenario-clock-status"] = map[string]any{"enum": []any{"running", "stopped", "done", "late"}}
}
