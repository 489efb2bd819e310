package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// Setting is a library made ready: calendars are built once for all cases.
type Setting struct {
	Library
	calendars map[string]*process.Calendar
	sample    *company
}

// NewSetting makes a library ready. The error says what of it can't be used.
func NewSetting(lib Library) (*Setting, error) {
	s := &Setting{Library: lib, calendars: map[string]*process.Calendar{}}
	for _, name := range slices.Sorted(maps.Keys(lib.Calendars)) {
		c, err := s.calendar(*lib.Calendars[name])
		if err != nil {
			return nil, err
		}
		s.calendars[name] = c
	}
	f := process.File{Path: "company.json", Content: string(lib.Sample)}
	r := newReader(f)
	s.sample = r.companyFile(f)
	if len(r.problems) > 0 {
		return nil, fmt.Errorf("%s", r.problems[0].String("en"))
	}
	return s, nil
}

// calendar builds a calendar with the holidays it names.
func (s *Setting) calendar(spec process.CalendarSpec) (*process.Calendar, error) {
	var all []process.Holiday
	if spec.Holidays.From != "" {
		for _, year := range spec.Holidays.Years {
			data, err := s.Holidays(spec.Holidays.From, year)
			if err != nil {
				continue // a year that isn't published leaves its days to the weekly pattern
			}
			days, err := process.ParseHolidays(data)
			if err != nil {
				return nil, err
			}
			all = append(all, days...)
		}
	}
	c, wrong := process.NewCalendar(spec, all)
	if len(wrong) > 0 {
		return nil, wrong[0]
	}
	return c, nil
}

// companyCalendar names the calendar that is the company's: the one that is said to be, else the first by name.
func (s *Setting) companyCalendar() string {
	if s.calendars[s.Company] != nil {
		return s.Company
	}
	for _, name := range slices.Sorted(maps.Keys(s.calendars)) {
		return name
	}
	return ""
}

// companyFile reads a file that holds a company.
func (r *reader) companyFile(f process.File) *company {
	for _, d := range documents(f.Content) {
		if root := r.parse(d); root != nil {
			return r.company(root)
		}
	}
	return newCompany()
}

// Load reads scenario files. Every problem of every file is reported at once, sorted by place; a file with a problem gives no scenario.
func (s *Setting) Load(files []process.File) ([]*Scenario, []process.Problem) {
	var out []*Scenario
	var problems []process.Problem
	for _, f := range files {
		r := newReader(f)
		var mine []*Scenario
		for _, d := range documents(f.Content) {
			if root := r.parse(d); root != nil {
				mine = append(mine, s.read(r, root))
			}
		}
		if len(r.problems) == 0 {
			r.buts(mine)
		}
		if len(r.problems) > 0 {
			problems = append(problems, sorted(r.problems)...)
			continue
		}
		out = append(out, mine...)
	}
	return out, problems
}

func sorted(problems []process.Problem) []process.Problem {
	slices.SortStableFunc(problems, func(a, b process.Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.CompactFunc(problems, func(a, b process.Problem) bool { return a.Position == b.Position && a.Message == b.Message })
}

// read reads one scenario document.
func (s *Setting) read(r *reader, root *node) *Scenario {
	out := &Scenario{File: r.file, setting: s, company: s.sample, reader: r}
	if id := root.get("process"); id == nil {
		r.problem(root, "情景文件应以 `process: …` 开头", "a scenario begins with `process: …`")
	} else if name := r.word(id); name != "" {
		if out.process = s.Processes[name]; out.process == nil {
			r.unknown(id, slices.Sorted(maps.Keys(s.Processes)), process.Text{ZH: "没有这个流程", EN: "there is no process"})
		}
	}
	if v := root.get("calendar"); v != nil {
		r.calendarName(s, v, &out.calendar)
	}
	if out.calendar == "" {
		out.calendar = s.companyCalendar()
	}
	if v := root.get("company"); v != nil {
		out.company = r.whichCompany(s, v)
	}
	cases := root.get("cases")
	if cases == nil {
		r.problem(root, "情景文件缺少 `cases`", "a scenario has `cases`")
	}
	if !out.zoned() {
		r.problem(root, "没有日历，无法计算时间", "there is no calendar to tell the time by")
		return out
	}
	nothing := func(*node) {}
	r.object(root, process.Text{ZH: "情景文件", EN: "a scenario"}, keys{
		"process": nothing, "company": nothing, "calendar": nothing, "title": func(v *node) { r.text(v) },
		"language": func(v *node) { r.oneOf(v, process.Text{ZH: "语言版本", EN: "version of the language"}, "1") },
		"cases": func(v *node) {
			if out.process == nil {
				return
			}
			for _, n := range r.list(v) {
				out.Cases = append(out.Cases, r.readCase(out, n))
			}
		},
	})
	return out
}

// zoned finds the zone that the scenario's times are written in: that of the process's calendar.
func (s *Scenario) zoned() bool {
	name := s.calendar
	if s.process != nil && s.process.Calendar != "" {
		name = s.process.Calendar
	}
	for _, name := range []string{name, s.calendar} {
		if c := s.setting.calendars[name]; c != nil {
			s.zone = c.Location()
			return true
		}
	}
	return false
}

func (r *reader) calendarName(s *Setting, n *node, to *string) {
	*to = r.oneOf(n, process.Text{ZH: "没有这个日历", EN: "there is no calendar"}, slices.Sorted(maps.Keys(s.calendars))...)
}

// whichCompany finds the company of a scenario: the sample, one that is written out, or a file.
func (r *reader) whichCompany(s *Setting, n *node) *company {
	if n.kind == nodeMap {
		return r.company(n)
	}
	path := r.word(n)
	if path == "sample" || path == "" {
		return s.sample
	}
	if ext := path[strings.LastIndexByte(path, '.')+1:]; ext != "json" && ext != "yaml" && ext != "yml" {
		r.problem(n, "`company` 是 sample、一个 .json 或 .yaml 文件，或直接写出公司", "`company` is sample, a .json or .yaml file, or a company written out")
		return s.sample
	}
	if !strings.HasPrefix(path, "/") {
		path = r.file[:strings.LastIndexAny(r.file, `/\`)+1] + path
	}
	content, err := s.Read(path)
	if err != nil {
		r.problem(n, "无法读取文件：%s", "the file can't be read: %s", err.Error())
		return s.sample
	}
	f := process.File{Path: path, Content: string(content)}
	other := newReader(f)
	c := other.companyFile(f)
	r.problems = append(r.problems, other.problems...)
	return c
}
