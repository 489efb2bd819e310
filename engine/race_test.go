package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

func TestOfManyDecisionsOneWinsAndTheOthersAreToldWho(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	task := a.Case.Open[0].Task
	acts := []ActCommand{{Act: process.EventApprove}, {Act: process.EventReject, Comment: "no"}, {Act: process.EventReturn, Comment: "more"}}
	answers, errs := together(24, func(i int) (Answer, error) {
		c := acts[i%len(acts)]
		c.Task = task
		return w.Act(w.ctx, by("wang.fang"), c)
	})
	var winner *Answer
	for i := range answers {
		if errs[i] == nil {
			require.Nil(t, winner, "two won")
			winner = &answers[i]
		}
	}
	require.NotNil(t, winner)
	for _, err := range errs {
		if err == nil {
			continue
		}
		require.Equal(t, process.CodeTaskClosed, code(t, err))
		d := refused(err).Decided
		require.Equal(t, "wang.fang", d.By)
		require.Equal(t, winner.Task.Outcome, d.Outcome)
		_, err := time.Parse(time.RFC3339, d.At)
		require.NoError(t, err)
	}
	_, err := w.Act(w.ctx, by("wang.fang"), ActCommand{Task: task, Act: process.EventApprove})
	require.Contains(t, refused(err).Message.ZH, "王芳")
}

// Two last voters at once: exactly one closes the step, and both get a true answer.
func TestTwoLastVotersCloseTheStepOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.atAgree()
	answers, errs := together(2, func(i int) (Answer, error) {
		o := a.Case.Open[i]
		return w.Act(w.ctx, by(o.Who[0]), ActCommand{Task: o.Task, Act: process.EventApprove})
	})
	require.NoError(t, errs[0])
	require.NoError(t, errs[1])
	ended := 0
	for _, x := range answers {
		require.Equal(t, "approved", x.Task.Outcome)
		if x.Case.Status == "ended" {
			ended++
		}
	}
	require.Equal(t, 1, ended)
}

func TestOneOpenCasePerRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec, err := w.CreateRecord(w.ctx, by("li.na"), "lead", lead())
	require.NoError(t, err)
	c := StartCommand{Process: "review", Record: &process.Reference{Type: "lead", ID: rec.ID}}
	answers, errs := together(8, func(int) (Answer, error) { return w.Start(w.ctx, by("li.na"), c) })
	number := ""
	for i, err := range errs {
		if err == nil {
			require.Empty(t, number, "two started")
			number = answers[i].Case.Number
		}
	}
	require.NotEmpty(t, number)
	for _, err := range errs {
		if err != nil {
			require.Equal(t, process.CodeAlreadyOpen, code(t, err))
			require.Contains(t, refused(err).Message.EN, number)
		}
	}
}

// Numbers of cases have no gaps, though starts were refused and rolled back between them.
func TestNumbersHaveNoGaps(t *testing.T) {
	w := newWorld(t)
	before := w.start().Case.Number
	fields := lead()
	_, errs := together(6, func(int) (Answer, error) {
		return w.Start(w.ctx, by("li.na"), StartCommand{Process: "review", With: fields})
	}) // one phone: one succeeds
	started := 0
	for _, err := range errs {
		if err == nil {
			started++
			continue
		}
		require.Equal(t, process.CodeFieldInvalid, code(t, err))
	}
	require.Equal(t, 1, started)
	var numbers []string
	require.NoError(t, w.db.Select(w.ctx, &numbers, `SELECT number FROM cases WHERE process = 'review' AND number >= $1 ORDER BY number`, before))
	for i, n := range numbers {
		require.Equal(t, process.FormatNumber("{000000}", time.Time{}, atoi(numbers[0][2:])+i), n[2:][len(n[2:])-6:])
	}
}

func atoi(s string) int {
	n := 0
	for _, c := range s[len(s)-6:] {
		n = n*10 + int(c-'0')
	}
	return n
}
