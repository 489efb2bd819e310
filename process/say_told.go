package process

// are is the verb for several people. Everyone of a set is one.
func are(list []By) string {
	if len(list) != 1 || list[0].Kind == ByManagersOf {
		return "are"
	}
	return "is"
}

// told names whom a message or a copy goes to: of a role, a department, a group or a position it is everyone, where a seat is any one of them.
func (t *teller) told(s *Step, list []By) []string {
	var out []string
	for _, b := range list {
		b.Every = true // means something of a set only
		out = append(out, t.by(s, b))
	}
	return out
}
