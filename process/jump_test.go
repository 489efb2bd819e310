package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func jumpTo(step string, items ...string) Event {
	return Event{Kind: EventJump, By: "admin", Admin: true, Comment: "li.na asked", To: step, Items: items}
}

func TestAJumpOutOfBranchesEndsEachOfThemOnce(t *testing.T) {
	t.Parallel()
	c := forItems(t)
	require.ElementsMatch(t, []string{"say:sun.wei", "say:sun.wei"}, c.open())
	c.must(c.try(jumpTo("confirm")))
	require.Equal(t, []string{"confirm:guo.yan"}, c.open())
	require.Len(t, c.entries("voided"), 2)
	require.Len(t, c.in.State.Scopes, 1)
}

func TestAJumpEntersAListForChosenItemsOnly(t *testing.T) {
	t.Parallel()
	c := forItems(t)
	refused(t, c.try(jumpTo("find", "a", "nothing")), CodeFieldInvalid)
	refused(t, c.try(jumpTo("confirm", "a")), CodeFieldInvalid)
	c.must(c.try(jumpTo("find", "b")))
	require.NotEmpty(t, c.onItem("say", "b"))
	require.Equal(t, []string{"say:sun.wei"}, c.open())
	all := jumpTo("find")
	all.Items = []string{} // as JSON gives it
	c.must(c.try(all))
	require.Len(t, c.open(), 2, "none chosen is all of them")
}
