package process

// waiting says whether a seat waits for opinions that are given first: until then it is nobody's to do.
func (o *Open) waiting(seat *Seat) bool { return seat.Vote == nil && len(o.askedFirst(seat)) > 0 }
