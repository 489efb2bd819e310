package server

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// observe says what comes of somebody doing something.
func (w *rightsWorld) observe(c cell) string {
	w.Helper()
	do, known := deeds[c.does]
	require.True(w, known, "%s: what is %q?", c, c.does)
	return do(w, w.as(c.who), c.to)
}

// deeds are the words of the table.
var deeds = map[string]func(w *rightsWorld, p person, to string) string{
	"reads":           func(w *rightsWorld, p person, to string) string { return seen(p.get(w.path(to))) },
	"lists":           func(w *rightsWorld, p person, to string) string { return w.listed(p, to, "") },
	"sees fields of":  func(w *rightsWorld, p person, to string) string { return w.fields(p, to) },
	"sees history of": func(w *rightsWorld, p person, to string) string { return w.history(p, to) },
	"searches phone":  func(w *rightsWorld, p person, to string) string { return w.listed(p, to, "q="+w.field(to, "phone")) },
	"searches digits": func(w *rightsWorld, p person, to string) string {
		return w.listed(p, to, "q="+w.field(to, "phone")[7:])
	},
	"searches company": func(w *rightsWorld, p person, to string) string { return w.listed(p, to, "q="+w.field(to, "company")) },
	"searches cause":   func(w *rightsWorld, p person, to string) string { return w.listed(p, to, "q="+w.field(to, "cause")) },
	"filters phone": func(w *rightsWorld, p person, to string) string {
		return w.listed(p, to, "phone="+w.field(to, "phone"))
	},
	"filters cause": func(w *rightsWorld, p person, to string) string {
		return w.listed(p, to, "cause="+w.field(to, "cause"))
	},
	"filters secret": func(w *rightsWorld, p person, to string) string {
		return w.listed(p, to, "secret="+w.field(to, "secret"))
	},
	"changes need of":  func(w *rightsWorld, p person, to string) string { return w.patch(p, to, "need") },
	"changes phone of": func(w *rightsWorld, p person, to string) string { return w.patch(p, to, "phone") },
	"changes budget of": func(w *rightsWorld, p person, to string) string {
		return w.patch(p, to, "budget")
	},
	"changes cause of":   func(w *rightsWorld, p person, to string) string { return w.patch(p, to, "cause") },
	"changes product of": func(w *rightsWorld, p person, to string) string { return w.patch(p, to, "product") },
	"changes topic of":   func(w *rightsWorld, p person, to string) string { return w.patch(p, to, "topic") },
	"is offered for":     func(w *rightsWorld, p person, to string) string { return offeredActs(p.get(w.path(to))) },
	"makes": func(_ *rightsWorld, p person, to string) string {
		return may(p.post("/records/"+strings.Fields(to)[1], map[string]any{"fields": map[string]any{}}), process.CodeFieldRequired)
	},
	"starts review on":   func(w *rightsWorld, p person, to string) string { return w.starts(p, "review", to) },
	"starts handling on": func(w *rightsWorld, p person, to string) string { return w.starts(p, "handling", to) },
	"starts handling with": func(_ *rightsWorld, p person, _ string) string {
		return may(p.post("/cases/preview", map[string]any{"process": "handling", "with": map[string]any{"product": "new"}}))
	},
	"sees the case of":  func(w *rightsWorld, p person, to string) string { return seen(p.get(w.casePath(to))) },
	"reads timeline of": func(w *rightsWorld, p person, to string) string { return seen(p.get(w.casePath(to) + "/timeline")) },
	"lists the case of": func(w *rightsWorld, p person, to string) string { return w.listedCase(p, to, "") },
	"searches subject of": func(w *rightsWorld, p person, to string) string {
		return w.listedCase(p, to, w.cases[to]["subject"].(string))
	},
	"sees subject of": func(w *rightsWorld, p person, to string) string { return text(p.get(w.casePath(to)), "subject") },
	"sees title of": func(w *rightsWorld, p person, to string) string {
		return text(p.get(w.casePath(to)), "record", "title")
	},
	"sees task of":         func(w *rightsWorld, p person, to string) string { return w.task(p, to, "form") },
	"sees summary of":      func(w *rightsWorld, p person, to string) string { return w.task(p, to, "summary") },
	"sees task subject of": func(w *rightsWorld, p person, to string) string { return text(p.get(w.taskPath(to)), "subject") },
	"is told of":           func(w *rightsWorld, p person, to string) string { return w.told(p, to) },
	"previews":             func(w *rightsWorld, p person, to string) string { return w.because(p, to) },
	"comments on": func(w *rightsWorld, p person, to string) string {
		return may(p.post(w.casePath(to)+"/comments", map[string]any{}), process.CodeCommentRequired)
	},
	"copies": func(w *rightsWorld, p person, to string) string {
		return may(p.post(w.casePath(to)+"/copy", map[string]any{}), process.CodeFieldRequired)
	},
	"may urge about": func(w *rightsWorld, p person, to string) string { return w.offers(p, to, "urge") },
	"may revoke":     func(w *rightsWorld, p person, to string) string { return w.offers(p, to, "revoke") },
	"asks to revoke": func(w *rightsWorld, p person, to string) string {
		return may(p.post(w.casePath(to)+"/revoke", map[string]any{}), process.CodeAlreadyOpen)
	},
	"has webhooks":    func(w *rightsWorld, p person, _ string) string { return w.webhooks(p) },
	"sees changes in": func(w *rightsWorld, p person, to string) string { return w.changes(p, to) },
}

func (w *rightsWorld) path(to string) string {
	w.Helper()
	r, known := w.records[to]
	require.True(w, known, "there is no %s", to)
	return "/records/" + r["type"].(string) + "/" + r["id"].(string)
}

func (w *rightsWorld) casePath(to string) string {
	w.Helper()
	require.Contains(w, w.cases, to)
	return "/cases/" + w.cases[to]["id"].(string)
}

// offers says whether a case offers an act to somebody.
func (w *rightsWorld) offers(p person, to, act string) string {
	w.Helper()
	if a := p.get(w.casePath(to)); a.status < 300 && slices.Contains(a.body["actions"].([]any), any(act)) {
		return "yes"
	}
	return "no"
}

func (w *rightsWorld) taskPath(to string) string {
	w.Helper()
	return "/tasks/" + openTask(w.cases[to])
}

func (w *rightsWorld) field(to, name string) string {
	w.Helper()
	s, ok := w.records[to]["fields"].(map[string]any)[name].(string)
	require.True(w, ok, "%s has no %s", to, name)
	return s
}

// seen is yes, no for what isn't there, else the code.
func seen(a answer) string {
	switch {
	case a.status < 300:
		return "yes"
	case a.body["code"] == string(process.CodeNotFound):
		return "no"
	}
	return fmt.Sprint(a.body["code"])
}

// may is yes where what was asked for was done, or refused for another reason than who asks; else the code.
func may(a answer, other ...process.Code) string {
	code, _ := a.body["code"].(string)
	if a.status < 300 || slices.Contains(other, process.Code(code)) {
		return "yes"
	}
	return code
}

func text(a answer, names ...string) string {
	if a.status >= 300 {
		return "no"
	}
	var value any = a.body
	for _, name := range names {
		value = value.(map[string]any)[name]
	}
	return fmt.Sprint(value)
}

func (w *rightsWorld) listed(p person, to, query string) string {
	w.Helper()
	r := w.records[to]
	if name, value, given := strings.Cut(query, "="); given {
		query = "&" + name + "=" + url.QueryEscape(value)
	}
	for _, item := range p.get("/records/" + r["type"].(string) + "?limit=200" + query).items() {
		if item["id"] == r["id"] {
			return "yes"
		}
	}
	return "no"
}

func (w *rightsWorld) listedCase(p person, to, query string) string {
	w.Helper()
	for _, item := range p.get("/cases?limit=200&q=" + url.QueryEscape(query)).items() {
		if item["id"] == w.cases[to]["id"] {
			return "yes"
		}
	}
	return "no"
}

// covered names what of some fields is shown, in order; a value that isn't the true one stands beside its name.
func (w *rightsWorld) covered(shown, all map[string]any) string {
	var names []string
	for name, value := range shown {
		if fmt.Sprint(value) != fmt.Sprint(all[name]) {
			name += "=" + fmt.Sprint(value)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (w *rightsWorld) fields(p person, to string) string {
	w.Helper()
	a := p.get(w.path(to))
	if a.status >= 300 {
		return "no"
	}
	truth := w.as("adam").get(w.path(to)).ok()["fields"].(map[string]any)
	return w.covered(a.body["fields"].(map[string]any), truth)
}

func (w *rightsWorld) history(p person, to string) string {
	w.Helper()
	a := p.get(w.path(to) + "/history")
	if a.status >= 300 {
		return "no"
	}
	shown, truth := map[string]any{}, w.records[to]["fields"].(map[string]any)
	for _, item := range a.items() {
		for name, moved := range item["changes"].(map[string]any) {
			shown[name] = moved.(map[string]any)["to"]
		}
	}
	return w.covered(shown, truth)
}

// patch sends the value that stands there: who may, may, and nothing changes.
func (w *rightsWorld) patch(p person, to, field string) string {
	w.Helper()
	truth := w.as("adam").get(w.path(to)).ok()["fields"].(map[string]any)
	return seen(p.patch(w.path(to), map[string]any{"fields": map[string]any{field: truth[field]}}))
}

func offeredActs(a answer) string {
	if a.status >= 300 {
		return "no"
	}
	var acts []string
	for _, act := range a.body["actions"].([]any) {
		acts = append(acts, act.(string))
	}
	return strings.Join(acts, " ")
}

func (w *rightsWorld) starts(p person, id, on string) string {
	w.Helper()
	r := w.records[on]
	return may(p.post("/cases/preview", map[string]any{"process": id, "record": map[string]any{"type": r["type"], "id": r["id"]}}), process.CodeAlreadyOpen)
}

func (w *rightsWorld) task(p person, to, part string) string {
	w.Helper()
	a := p.get(w.taskPath(to))
	if a.status >= 300 {
		return "no"
	}
	truth := w.as("adam").get(w.path(to)).ok()["fields"].(map[string]any)
	if part == "summary" {
		return w.covered(a.body["summary"].(map[string]any), truth)
	}
	shown := map[string]any{}
	for _, f := range a.body["form"].([]any) {
		field := f.(map[string]any)
		shown[field["field"].(string)] = field["value"]
		if field["value"] == nil {
			shown[field["field"].(string)] = truth[field["field"].(string)]
		}
	}
	return w.covered(shown, truth)
}

func (w *rightsWorld) told(p person, to string) string {
	w.Helper()
	var texts []string
	for _, item := range p.get("/notifications?limit=200").items() {
		if item["case"] == w.cases[to]["id"] {
			texts = append(texts, item["text"].(string))
		}
	}
	return strings.Join(texts, " | ")
}

func (w *rightsWorld) because(p person, to string) string {
	w.Helper()
	a := p.get(w.casePath(to) + "/preview")
	if a.status >= 300 {
		return "no"
	}
	for _, step := range a.body["steps"].([]any) {
		if s := step.(map[string]any); s["step"] == "check" {
			return fmt.Sprintf("%v", s["because"] != nil)
		}
	}
	return "no such step"
}

// changes are the fields of which the timeline says that they were changed.
func (w *rightsWorld) changes(p person, to string) string {
	w.Helper()
	a := p.get(w.casePath(to) + "/timeline")
	if a.status >= 300 {
		return "no"
	}
	shown := map[string]any{}
	for _, item := range a.items() {
		if item["event"] == "changed" {
			for name, value := range item["data"].(map[string]any) {
				shown[name] = value
			}
		}
	}
	return w.covered(shown, shown)
}
