package process

import (
	"math/bits"

	"pgregory.net/rapid"
)

// lot is where the choices of a random life come from: rapid, which can shrink them, or the bytes of a fuzzer.
type lot struct {
	rapid *rapid.T
	bytes []byte
	fatal func(format string, args ...any)
}

func drawn(t *rapid.T) *lot { return &lot{rapid: t, fatal: t.Fatalf} }

// dice gives each of 0 to n-1 about equally often, unlike the generators of rapid, which prefer the small. Without bytes left it is 0.
func (t *lot) dice(n int) int {
	if t.rapid == nil {
		if len(t.bytes) == 0 {
			return 0
		}
		b := t.bytes[0]
		t.bytes = t.bytes[1:]
		return int(b) * n >> 8
	}
	size := bits.Len(uint(n-1)) + 2
	return manyBits(size).Draw(t.rapid, "dice") * n >> size
}

func manyBits(size int) *rapid.Generator[int] {
	return rapid.Custom(func(t *rapid.T) int {
		n := 0
		for range size {
			n <<= 1
			if rapid.Bool().Draw(t, "bit") {
				n++
			}
		}
		return n
	})
}

// chance is true so often in a hundred times; shrinking makes it false.
func (t *lot) chance(percent int) bool { return t.dice(100) >= 100-percent }

// perhaps does something nearly always, as a whole that shrinking can leave out.
func (t *lot) perhaps(what string, do func(*lot)) {
	if t.rapid == nil {
		if t.chance(98) {
			do(t)
		}
		return
	}
	rapid.Custom(func(inner *rapid.T) bool {
		in := drawn(inner)
		yes := in.chance(98)
		if yes {
			do(in)
		}
		return yes
	}).Draw(t.rapid, what)
}
