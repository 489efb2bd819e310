package process

// Joins of a [Parallel].
const (
	JoinAll   = "all"   // every branch must end
	JoinFirst = "first" // the first branch that ends closes the others
)

// Parallel runs its branches beside each other.
type Parallel struct {
	Branches []Branch
	Join     string
}

func (k Parallel) enter(m *machine, scope int, _ *Step) {
	for _, b := range k.Branches {
		m.openScope(scope, b.Steps)
	}
}

func (k Parallel) joined(left int) bool { return left == 0 || k.Join == JoinFirst }
func (k Parallel) lists() []*List       { return listsOf(k.Branches) }
