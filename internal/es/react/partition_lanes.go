package react

// laneTurn is a lane whose next event may go. Organisations take turns (turns.Queue); of one organisation the event that was taken first
// goes first: so what is finished stays close behind what is committed, and a restart repeats little.
type laneTurn struct {
	number uint64 // of the event, in the order of taking, over all partitions
	p      *partition
	lane   lane
}

func (s *subscription) addTurn(x laneTurn) { s.turns.Add(x.lane.org, x.number, x) }
