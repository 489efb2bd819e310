package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// alone says what must come of a race: the same as of its winners' acts one after another, each with nobody else there, in the order in which the timeline has them.
// Everybody else must have been told what they would have been told after some of these.
type alone struct {
	*races
	race   *race
	ran    map[string]*outcome // what came of acts one after another
	probes map[string]*heat    // cases that stand after such acts
}

// outcome is where a case stands.
type outcome struct {
	answers  []string
	view     string
	timeline []string
}

// judge holds what happened to one case of a heat against that, and gives the order of its events.
func (a *alone) judge(h *heat, n int, all []told) string {
	a.Helper()
	c, of := h.cases[n], a.race
	view, entries := a.look(c)
	won, others := a.inOrder(c, all)
	var acts, answers []string
	for _, w := range won {
		acts, answers = append(acts, w.act), append(answers, w.said)
	}
	order := strings.Join(acts, "\n")
	story := func() string {
		return of.name + ", in this order:\n" + order + "\n\n" + strings.Join(entries, "\n") + "\n\n" + view
	}
	require.GreaterOrEqual(a, len(won), max(1, of.winners[0]), "too few have an effect: %s\n%s", story(), all[0].said)
	if of.winners[1] > 0 {
		require.LessOrEqual(a, len(won), of.winners[1], "too many have an effect: %s", story())
	}
	must := a.after(acts)
	require.Equal(a, must.answers, answers, "what the winners were told: %s", story())
	require.Equal(a, must.timeline, labelled(entries, all), "what has happened: %s", story())
	require.Equal(a, must.view, view, "where the case stands: %s", story())
	a.losers(others, acts, story)
	a.boxes(c, story)
	return order
}

// inOrder are those whose acts took effect, as the timeline has them: each stands there, and nobody else. Whoever claims what they have,
// or assigns it to who has it, is told so, with no effect.
func (a *alone) inOrder(c heatCase, all []told) (won, others []told) {
	a.Helper()
	var waiting []told
	for _, t := range all {
		if t.ok {
			waiting = append(waiting, t)
		} else {
			others = append(others, t)
		}
	}
	rows := a.people["deng.rui"].get("/cases/" + c.id + "/timeline?limit=200").items()
	for _, row := range rows {
		i := slices.IndexFunc(waiting, func(t told) bool { return t.left(row) })
		if i >= 0 {
			won = append(won, waiting[i])
			waiting = slices.Delete(waiting, i, i+1)
			continue
		}
		for _, t := range all {
			require.True(a, t.ok || row["comment"] != t.note && row["reason"] != t.note, "%s: %s was refused with %s, and it stands in the timeline", a.race.name, t.act, t.said)
		}
	}
	for _, t := range waiting {
		if strings.Contains(t.act, "/claim ") || strings.Contains(t.act, "/assign ") {
			others = append(others, t)
			continue
		}
		apart := slices.ContainsFunc(a.race.acts, func(act raceAct) bool { return act.apart && act.String() == t.act })
		require.True(a, apart, "%s: %s took effect, and it doesn't stand in the timeline: %s\n%v", a.race.name, t.act, t.said, rows)
		won = append(won, t)
	}
	return won, others
}

// left says whether an entry is what an act has left: its comment, or – of an act without one – who did it.
func (t told) left(row map[string]any) bool {
	if row["comment"] == t.note || row["reason"] == t.note {
		return true
	}
	by, _ := row["by"].(string)
	event, _ := row["event"].(string)
	for path, what := range map[string]string{"/claim ": "claimed", "/release ": "released"} {
		if strings.Contains(t.act, path) && event == what {
			return strings.HasPrefix(t.act, by+" ")
		}
	}
	return false
}

// after is what comes of acts one after another.
func (a *alone) after(acts []string) *outcome {
	a.Helper()
	key := strings.Join(acts, "\n")
	if known := a.ran[key]; known != nil {
		return known
	}
	h, o := a.standing(nil), &outcome{}
	var all []told
	for i, act := range acts {
		got := h.send(0, a.act(act), fmt.Sprint("alone ", i))[0]
		require.True(a, got.ok, "%s: with nobody else there it is refused: %s: %s, after\n%s", a.race.name, act, got.said, strings.Join(acts[:i], "\n"))
		o.answers, all = append(o.answers, got.said), append(all, got)
	}
	var entries []string
	o.view, entries = a.look(h.cases[0])
	o.timeline = labelled(entries, all)
	a.ran[key] = o
	return o
}

// standing is a case after acts one after another.
func (a *alone) standing(acts []string) *heat {
	h := a.begin(a.race, 1)
	for _, act := range acts {
		h.send(0, a.act(act), "before")
	}
	return h
}

func (a *alone) act(name string) raceAct {
	return a.race.acts[slices.IndexFunc(a.race.acts, func(act raceAct) bool { return act.String() == name })]
}

// losers holds what the others were told against what they would have been told after some of the winners' acts. Of many who did different things some are taken.
func (a *alone) losers(all []told, order []string, story func() string) {
	a.Helper()
	heard := map[string]map[string]bool{}
	for _, t := range all {
		if heard[t.act] == nil {
			if len(heard) == 4 {
				continue
			}
			heard[t.act] = map[string]bool{}
		}
		heard[t.act][t.said] = true
	}
	for act, answers := range heard {
		might := map[string]bool{}
		for n := range len(order) + 1 {
			might[a.answer(order[:n], act)] = true
		}
		for said := range answers {
			require.True(a, might[said], "%s is told\n%s\nand might have been told\n%s\n%s", act, said, lines(might), story())
		}
	}
}

func lines(set map[string]bool) string {
	var all []string
	for line := range set {
		all = append(all, line)
	}
	return strings.Join(all, "\n")
}

// answer is what an act is told after others.
func (a *alone) answer(acts []string, act string) string {
	key := strings.Join(acts, "\n")
	known := a.ran[key+"\n? "+act]
	if known == nil {
		h := a.probes[key]
		if h == nil {
			h = a.standing(acts)
		}
		a.probes[key] = h
		got := h.send(0, a.act(act), "a probe")[0]
		if got.ok {
			delete(a.probes, key) // it stands elsewhere now
		}
		known = &outcome{view: got.said}
		a.ran[key+"\n? "+act] = known
	}
	return known.view
}

// look is where a case stands, and what has happened to it, as an administrator is shown it.
func (a *alone) look(c heatCase) (view string, entries []string) {
	a.Helper()
	admin := a.people["deng.rui"]
	body := admin.get("/cases/" + c.id).ok()
	view = c.plain(map[string]any{"status": body["status"], "outcome": body["outcome"], "version": body["version"], "steps": body["steps"], "open": openIn(body), "actions": body["actions"], "initiator": body["initiator"]})
	for _, e := range admin.get("/cases/" + c.id + "/timeline?limit=200").items() {
		require.NotEqual(a, "failed", e["event"], "%s: the case is held: %v", a.race.name, e)
		entry := map[string]any{}
		for _, name := range []string{"event", "step", "item", "task", "by", "for", "outcome", "comment", "reason"} {
			if e[name] != nil {
				entry[name] = e[name]
			}
		}
		entries = append(entries, c.plain(entry))
	}
	return view, entries
}

// labelled puts into entries, instead of each client's own comment, what they did.
func labelled(entries []string, all []told) []string {
	out := slices.Clone(entries)
	for i := range out {
		for _, t := range all {
			act, _ := json.Marshal(t.act)
			out[i] = strings.ReplaceAll(out[i], `"`+t.note+`"`, string(act))
		}
	}
	return out
}

// openIn is what a case has open, but for its moments.
func openIn(body map[string]any) []map[string]any {
	out := []map[string]any{}
	list, _ := body["open"].([]any)
	for _, o := range list {
		o := o.(map[string]any)
		out = append(out, map[string]any{"task": o["task"], "step": o["step"], "item": o["item"], "who": o["who"]})
	}
	return out
}

// plain is a value as text, without the case's own id.
func (c heatCase) plain(v any) string {
	text, _ := json.Marshal(v)
	return strings.ReplaceAll(string(text), c.id, "CASE")
}

// saying is what an answer says: of a refusal why, and who was faster; else where the task and the case stand.
func (c heatCase) saying(status int, body map[string]any) string {
	if status >= 300 {
		return c.plain(map[string]any{"status": status, "code": body["code"], "decided_by": body["decided_by"], "outcome": body["outcome"], "errors": body["errors"]})
	}
	kase, _ := body["case"].(map[string]any)
	if kase == nil {
		kase = body
	}
	is := map[string]any{"case": kase["status"], "outcome": kase["outcome"], "open": openIn(kase), "version": kase["version"], "verdict": body["verdict"]}
	if kase["id"] != c.id { // another one was made
		is["open"] = len(openIn(kase))
	}
	if task, ok := body["task"].(map[string]any); ok {
		is["task"] = []any{task["id"], task["status"], task["outcome"], task["decided_by"], task["assignee"]}
	}
	return c.plain(is)
}

// boxes checks that people's boxes hold what the case has open with them, and nothing of what is over.
func (a *alone) boxes(c heatCase, story func() string) {
	a.Helper()
	body := a.people["deng.rui"].get("/cases/" + c.id).ok()
	asked, open := map[string][]string{}, []string{}
	for _, o := range openIn(body) {
		open = append(open, o["task"].(string))
		for _, who := range o["who"].([]any) {
			asked[who.(string)] = append(asked[who.(string)], o["task"].(string))
		}
	}
	var rows []string
	require.NoError(a, a.db.Select(a.Context(), &rows, `SELECT id FROM tasks WHERE case_id = $1 AND status = 'open' AND kind <> 'copy' AND NOT waits`, c.id))
	require.ElementsMatch(a, open, rows, "open tasks of the case, and what it says is open: %s", story())
	look := map[string]bool{}
	for _, act := range slices.Concat(a.race.stand, a.race.acts) {
		look[act.by] = true
	}
	for who := range asked {
		look[who] = true
	}
	looked := 0
	for who := range look {
		if looked++; looked > 6 {
			break
		}
		has := []string{}
		for _, box := range []string{"todo", "claimable"} {
			for _, task := range a.people[who].get("/tasks?box=" + box + "&record=" + c.record).items() {
				has = append(has, task["id"].(string))
			}
		}
		require.ElementsMatch(a, asked[who], has, "the boxes of %s: %s", who, story())
	}
}
