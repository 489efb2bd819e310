package process

import (
	"fmt"
	"slices"
	"strings"
)

// chainLoader loads one process. What needs to know every step is put off with after.
type chainLoader struct {
	*loader
	p       *Process
	known   map[string]*node // step ids and where they were given
	counted map[string]int   // generated ids, by kind
	written []string         // ids that the owner gave
	lost    map[string]bool  // ids of steps that couldn't be read, so that nobody misses them twice
	items   []itemType       // the items that `$x` may name where the loader is, the innermost last
	unread  bool             // some step couldn't be read
	late    []Rung           // the ladder of the process
	pending []func()
	total   int
	inPlace map[*node]*TableSpec // tables written in their steps
}

// itemType is what `$name` is inside the steps of an `each`.
type itemType struct {
	name  string
	field *Field
}

// inside reads the steps of an `each`, where `$name` is one of its items.
func (c *chainLoader) inside(name string, field *Field, read func()) {
	c.items = append(c.items, itemType{name, field})
	read()
	c.items = c.items[:len(c.items)-1]
}

func (c *chainLoader) after(check func()) { c.pending = append(c.pending, check) }

// languageVersion is the version of the language that a document may ask for with `language:`.
const languageVersion = 1

func (l *loader) loadProcess(d *loading) {
	if d.skip {
		return
	}
	p := &Process{ID: d.ID, Source: d.Source, Digest: d.Digest, Types: map[string]*RecordType{}, Tables: map[string]*Table{}, outputs: map[string]*Field{}, byID: map[string]*Step{}, asked: map[string]bool{}}
	c := &chainLoader{
		loader: l, p: p, known: map[string]*node{}, counted: map[string]int{}, lost: map[string]bool{}, inPlace: map[*node]*TableSpec{},
	}
	c.subjectOf(d.root)
	c.decideOutputs(d.root)
	l.object(d.root, Text{ZH: "流程", EN: "a process"}, c.head())
	c.headDefaults(d.root)
	c.complete(d.root)
	p.format = p.needed()
	p.revocation = p.revoking()
	if d.ID != "" {
		l.lib.Processes[d.ID] = p
	}
}

// headDefaults fills in what an owner may leave out of the head: the number is the process's id with a count.
func (c *chainLoader) headDefaults(root *node) {
	if root.get("number") == nil {
		c.p.Number = c.p.ID + "-{yyyyMM}{0000}"
	}
	if root.get("start") == nil {
		c.warn(root, "流程没有写 `start`：只有管理员能发起", "the process has no `start`: only an administrator can start it")
	}
}

// subjectOf finds the record type before anything else is read, since the chain is typed against it.
func (c *chainLoader) subjectOf(root *node) {
	v := root.get("record")
	if v == nil {
		c.problem(root, "流程没有写 `record`：它处理的是哪一种记录", "the process has no `record`: which type of record is it about")
		return
	}
	id, ok := c.string(v)
	if !ok {
		return
	}
	c.p.Record = id
	c.p.Type = c.typeNamed(v, id)
}

// typeNamed finds a record type and notes that the chain touches it.
func (c *chainLoader) typeNamed(n *node, id string) *RecordType {
	t := c.recordType(id)
	if t == nil {
		c.unknown(n, c.typeNames(), Text{ZH: "没有这种记录（它的文件也要一起给出）", EN: "no such record type (its file must be among those given):"})
		return nil
	}
	c.p.Types[id] = t
	return t
}

func (c *chainLoader) head() keys {
	p := c.p
	return keys{
		"process":  func(*node) {},
		"record":   func(*node) {},
		"title":    func(v *node) { p.Title = c.title(v) },
		"number":   func(v *node) { p.Number = c.numberPattern(v) },
		"subject":  func(v *node) { p.Subject = c.templates(v) },
		"summary":  func(v *node) { p.Summary = names(c.fields(v)) },
		"start":    c.start,
		"until":    c.until,
		"resubmit": c.resubmit,
		"revoke":   c.revoke,
		"copy":     func(v *node) { p.Copy = c.copies(v, []string{copyStart, copyEnd, copyApproved}) },
		"calendar": c.calendarName,
		"late":     func(v *node) { c.late = c.ladder(v) },
		"steps":    func(v *node) { p.Steps = c.steps(v, "steps", nil) },
		"one_open_per_record": func(v *node) {
			p.OneOpenPerRecord = c.yes(v)
		},
		"clocks":   c.clocks,
		"language": func(v *node) { c.languageNumber(v) },
	}
}

func (l *loader) languageNumber(v *node) {
	if v.kind != nodeNumber || v.number != languageVersion {
		l.problem(v, "本版本只懂 `language: %d`", "this version understands `language: %d` only", languageVersion)
	}
}

func (c *chainLoader) calendarName(v *node) {
	id, ok := c.string(v)
	if !ok {
		return
	}
	c.p.Calendar = id
	known := merged(c.base.Calendars, c.lib.Calendars)
	if len(known) > 0 && known[id] == nil {
		c.warn(v, "没有名为 `%s` 的工作日历", "there is no calendar `%s`", id)
	}
}

// Sorts of principals, as `start: {by: [role:sales]}` names them.
var principalSorts = []string{"user", "role", "department", "group", "position"}

// principal reads "role:sales".
func (c *chainLoader) principal(n *node) (Principal, bool) {
	s, ok := c.string(n)
	if !ok {
		return "", false
	}
	sort, id, ok := strings.Cut(s, ":")
	if !ok || id == "" || strings.ContainsAny(s, " \t") || !slices.Contains(principalSorts, sort) {
		c.problem(n, "`%s` 应写成 `role:…`、`user:…`、`department:…`、`group:…` 或 `position:…`",
			"`%s` is written as `role:…`, `user:…`, `department:…`, `group:…` or `position:…`", clip(s))
		return "", false
	}
	c.exists(n, Principal(s))
	return Principal(s), true
}

// exists checks a person or a set of people against the directory.
func (c *chainLoader) exists(n *node, who Principal) {
	if c.dir == nil || c.dir.Has(who) {
		return
	}
	sort, id := who.Split()
	if sort == string(ByUser) {
		c.problem(n, "没有这个人：`%s`", "there is no person `%s`", id)
		return
	}
	c.warn(n, "还没有%s `%s`", "there is no %s `%s` yet", sortNames[sort], id)
}

var sortNames = map[string]Text{
	"role": {ZH: "角色", EN: "role"}, "department": {ZH: "部门", EN: "department"},
	"group": {ZH: "小组", EN: "group"}, "position": {ZH: "岗位", EN: "position"},
}

var resubmitTitle = Text{ZH: "修改后重新提交", EN: "Revise and submit again"}

// resubmit reads the step that `go: resubmit` opens.
func (c *chainLoader) resubmit(v *node) {
	s := c.newResubmit(c.position(v))
	c.object(v, Text{ZH: "`resubmit`", EN: "`resubmit`"}, keys{
		"edit": func(v *node) { c.edit(s, v) },
		"due":  func(v *node) { c.due(s, v) },
	})
}

func (c *chainLoader) newResubmit(at Position) *Step {
	s := &Step{ID: ResubmitStep, Title: resubmitTitle, At: at, Kind: "task", Do: Work{}, Ways: map[string]*Way{Done: {At: at}}}
	s.Who = &Who{Seats: []By{{Kind: ByInitiator, At: at}}, IfNone: Nobody{Do: "hold"}, IfInitiator: Nobody{Do: "ask"}}
	c.p.Resubmit, c.p.byID[ResubmitStep] = s, s
	return s
}

// impliedResubmit gives a chain that says how it is returned, but not what the initiator then does, a step to submit again without a form or a
// limit: the record itself can be changed meanwhile.
func (c *chainLoader) impliedResubmit(root *node) {
	if c.p.Resubmit == nil && slices.ContainsFunc(stepsIn(c.p.Steps), (*Step).needsResubmit) {
		c.defaultLadder(c.newResubmit(c.position(root)))
	}
}

// needsResubmit says whether a step sends the case back to the initiator, or may be returned without saying where to.
func (s *Step) needsResubmit() bool {
	_, given := s.Ways[Returned]
	back := len(s.Form.ReturnTo) > 0 || s.Form.Resume != ""
	return s.Kind == "approve" && !given && back || slices.Contains(s.Form.ReturnTo, toInitiator)
}

// complete does what needs the whole chain, then looks at the chain as a whole.
func (c *chainLoader) complete(root *node) {
	p := c.p
	if p.Title.Empty() && root.get("title") == nil {
		p.Title = Same(p.ID)
	}
	if p.Steps == nil {
		c.problem(root, "流程没有步骤（`steps`）", "the process has no `steps`")
		p.Steps = &List{Path: "steps"}
	}
	for _, s := range p.all() {
		c.defaultLadder(s)
	}
	c.impliedResubmit(root)
	for _, check := range c.pending {
		check()
	}
	if !c.unread {
		c.checkChain()
		c.checkClocks()
	}
	p.know()
}

// all gives every step in the order they are written, the one for revising last.
func (p *Process) all() []*Step {
	if p.known != nil {
		return p.known.steps
	}
	out := stepsIn(p.Steps)
	if p.Resubmit != nil {
		out = append(out, p.Resubmit)
	}
	return out
}

// outcomeWay is a way and the outcome it follows; `then` for steps without outcomes.
type outcomeWay struct {
	outcome string
	way     *Way
	after   bool // it follows once an `at_most` is used up
}

// ways gives every way out of a step, also those taken when `at_most` is used up, in a fixed order: approvals first, then by name.
func (s *Step) ways() []outcomeWay {
	var names []string
	for name, w := range s.Ways {
		if w != nil {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return strings.Compare(outcomeOrder(a), outcomeOrder(b))
	})
	var out []outcomeWay
	add := func(name string, w *Way) {
		for after := false; w != nil; w, after = w.Else, true {
			out = append(out, outcomeWay{name, w, after})
		}
	}
	for _, name := range names {
		add(name, s.Ways[name])
	}
	add("then", s.Then)
	if k, ok := s.Do.(Request); ok && k.Failed != nil && !k.Failed.Hold {
		add("failed", k.Failed)
	}
	return out
}

func outcomeOrder(name string) string {
	if i := slices.Index(approveOutcomes, name); i >= 0 {
		return fmt.Sprint(" ", i)
	}
	return name
}

// steps reads a list of steps. The path names it in the state of a case.
func (c *chainLoader) steps(n *node, path string, holder *Step) *List {
	list := &List{Path: path}
	list.holder = holder
	if n.kind != nodeList || len(n.items) == 0 {
		c.problem(n, "`steps` 应是步骤的列表", "`steps` is a list of steps")
		return list
	}
	for _, item := range n.items {
		if c.total++; c.total > maxSteps {
			c.problem(item, "步骤太多（最多 %d 步）", "too many steps (at most %d)", maxSteps)
			break
		}
		if s := c.step(item, list); s != nil {
			s.list, s.index = list, len(list.Steps)
			list.Steps = append(list.Steps, s)
		}
	}
	return list
}
