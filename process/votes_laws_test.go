package process

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// ballot is a step with several seats as its owner writes it: the reference below knows nothing else.
type ballot struct {
	mode    string
	num     int // need: num, or num/den
	den     int
	tie     string
	weights []int
	veto    []bool
	before  []int // who has agreed at the step before, and isn't asked again
}

// ends is how a ballot ends once everybody has answered, said as the language page says it.
func (b ballot) ends(agreed []bool) string {
	yes, no, all, vetoed := 0, 0, 0, false
	for i, a := range agreed {
		all += b.weights[i]
		if a {
			yes += b.weights[i]
		} else {
			no += b.weights[i]
			vetoed = vetoed || b.veto[i]
		}
	}
	enough := func(weight int) bool {
		if b.den == 0 {
			return weight >= b.num
		}
		return float64(weight)/float64(all) >= float64(b.num)/float64(b.den)-1e-9
	}
	switch {
	case b.mode != ModeVotes && no > 0:
		return Rejected
	case b.mode != ModeVotes:
		return Approved
	case vetoed:
		return Rejected
	case enough(yes):
		return Approved
	case enough(no):
		return Rejected
	}
	return b.tie
}

// certain tries every way in which the open answers could still be given.
func (b ballot) certain(given map[int]bool) (string, bool) {
	n, outcomes := len(b.weights), map[string]bool{}
	for way := range 1 << n {
		agreed, fits := make([]bool, n), true
		for i := range n {
			agreed[i] = way&(1<<i) != 0
			if g, ok := given[i]; ok && g != agreed[i] {
				fits = false
			}
		}
		if fits {
			outcomes[b.ends(agreed)] = true
		}
	}
	if b.mode == ModeAllOpinions && len(given) < n {
		return "", false
	}
	if b.mode == ModeFirst {
		for _, a := range given {
			return map[bool]string{true: Approved, false: Rejected}[a], true
		}
		return "", false
	}
	for outcome := range outcomes {
		return outcome, len(outcomes) == 1
	}
	return "", false
}

func (b ballot) yaml() string {
	var seats, weights, veto []string
	for i := range b.weights {
		seats = append(seats, fmt.Sprintf("{user: p%d}", i))
		if b.weights[i] > 1 {
			weights = append(weights, fmt.Sprintf("p%d: %d", i, b.weights[i]))
		}
		if b.veto[i] {
			veto = append(veto, fmt.Sprintf("{user: p%d}", i))
		}
	}
	mode := b.mode
	if mode == ModeVotes {
		need := fmt.Sprint(b.num)
		if b.den > 0 {
			need = fmt.Sprintf("%d/%d", b.num, b.den)
		}
		mode = fmt.Sprintf("{votes: {need: %s, tie: %s", need, b.tie)
		if weights != nil {
			mode += ", weights: {" + strings.Join(weights, ", ") + "}"
		}
		if veto != nil {
			mode += ", veto: [" + strings.Join(veto, ", ") + "]"
		}
		mode += "}}"
	}
	before, again := "", ""
	if len(b.before) > 0 {
		var agreed []string
		for _, i := range b.before {
			agreed = append(agreed, seats[i])
		}
		before, again = fmt.Sprintf("\n  - {id: before, approve: Before, by: [%s], mode: all}", strings.Join(agreed, ", ")), ", same_again: skip_if_approved"
	}
	return fmt.Sprintf("%s\n  - {id: ask, approve: Ask, by: [%s], mode: %s%s}\n", before, strings.Join(seats, ", "), mode, again)
}

func drawBallot(t *rapid.T) ballot {
	n := rapid.IntRange(2, 6).Draw(t, "n")
	b := ballot{mode: rapid.SampledFrom([]string{ModeFirst, ModeAll, ModeAllOpinions, ModeInTurn, ModeVotes, ModeVotes, ModeVotes}).Draw(t, "mode"), tie: Rejected}
	all := 0
	for range n {
		w, v := 1, false
		if b.mode == ModeVotes {
			w, v = rapid.IntRange(1, 4).Draw(t, "weight"), rapid.IntRange(0, 5).Draw(t, "veto") == 0
		}
		b.weights, b.veto = append(b.weights, w), append(b.veto, v)
		all += w
	}
	if b.mode == ModeVotes {
		b.tie = rapid.SampledFrom([]string{Approved, Rejected}).Draw(t, "tie")
		if b.num = rapid.IntRange(1, all).Draw(t, "need"); rapid.Bool().Draw(t, "share") {
			b.den = rapid.IntRange(b.num, all).Draw(t, "of")
		}
	}
	return b
}

// agreedBefore draws who has agreed before. In `first` that makes no difference: the first answer is one that is given here.
func (b *ballot) agreedBefore(t *rapid.T) {
	if b.mode == ModeFirst || rapid.Bool().Draw(t, "nobody") {
		return
	}
	for i := range b.weights {
		if rapid.IntRange(0, 2).Draw(t, "before") == 0 {
			b.before = append(b.before, i)
		}
	}
}

// TestAStepClosesAtTheFirstMomentItsOutcomeIsCertain votes in any order at any ballot: the step closes with the answer after which every completion
// agrees, not before and not after, and with that outcome; the other tasks are void; state → JSON → state is the identity all the way.
func TestAStepClosesAtTheFirstMomentItsOutcomeIsCertain(t *testing.T) {
	checkLaw(t, func(rt *rapid.T) {
		b := drawBallot(rt)
		b.agreedBefore(rt)
		c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(b.yaml()))
		n := len(b.weights)
		for i := range n {
			c.company.add(fmt.Sprintf("p%d", i), "top", "")
		}
		c.start("li.na")
		given := map[int]bool{}
		for _, i := range b.before {
			c.must(c.act(fmt.Sprintf("p%d", i), EventApprove, "before"))
			given[i] = true
		}
		switch outcome, settled := b.certain(given); {
		case settled && len(given) == 0:
			require.NotNil(rt, c.in.State.Held, "the need can't be reached: nobody is asked")
			return
		case settled:
			require.Equal(rt, outcome, c.in.State.Outcome, b.yaml())
			require.Len(rt, c.entries("opened"), len(given), "nobody else is asked")
			return
		}
		order := rapid.Permutation(numbers(n)).Draw(rt, "order")
		if b.mode == ModeInTurn {
			order = numbers(n)
		}
		for _, i := range order {
			if given[i] {
				continue
			}
			agrees := rapid.Bool().Draw(rt, "agrees")
			given[i] = agrees
			kind := map[bool]EventKind{true: EventApprove, false: EventReject}[agrees]
			if err := c.act(fmt.Sprintf("p%d", i), kind, "ask", saying("because")); err != nil {
				rt.Fatalf("%v: %v", b.yaml(), err)
			}
			identical(rt, c.in.State)
			outcome, settled := b.certain(given)
			if settled != (c.in.State.Status == Ended) || settled && outcome != c.in.State.Outcome {
				rt.Fatalf("%s after %v: want %q (settled %v), got %s %q", b.yaml(), given, outcome, settled, c.in.State.Status, c.in.State.Outcome)
			}
			if settled {
				break
			}
		}
		if c.in.State.Status != Ended {
			rt.Fatalf("%s: everybody has answered, and it is still open: %v", b.yaml(), given)
		}
		opened, voided := len(c.entries("opened")), len(c.entries("voided"))
		if opened != len(given)+voided {
			rt.Fatalf("%s: %d tasks, %d answers, %d void", b.yaml(), opened, len(given), voided)
		}
	})
}

func numbers(n int) []int {
	var out []int
	for i := range n {
		out = append(out, i)
	}
	return out
}

func identical(t *rapid.T, s State) {
	first, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back State
	if err := json.Unmarshal(first, &back); err != nil {
		t.Fatal(err)
	}
	second, _ := json.Marshal(back)
	if string(first) != string(second) {
		t.Fatalf("state changed on its way:\n%s\n%s", first, second)
	}
}
