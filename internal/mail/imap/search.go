package imap

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxSpans is how many ranges of one search are kept; what is beyond waits for the next.
const maxSpans = 1 << 20

// span is a range of UIDs, both ends included. It is never expanded beyond what is asked for: a server may claim all 4,294,967,295.
type span struct{ low, high uint32 }

// search returns the UIDs that a server finds, in their order, whether it says SEARCH or ESEARCH (RFC 4731).
func (c *conn) search(criteria ...any) (found []span, err error) {
	unread := false
	err = c.run(func(r response) {
		unread = unread || r.malformed && strings.HasSuffix(r.kind, "SEARCH")
		switch r.kind {
		case "SEARCH":
			for _, n := range r.numbers[:min(len(r.numbers), maxSpans-len(found))] {
				found = append(found, span{n, n})
			}
		case "ESEARCH":
			for i, v := range r.values[:max(len(r.values)-1, 0)] {
				if strings.EqualFold(v.text, "ALL") {
					found = addSet(found, r.values[i+1].text)
				}
			}
		}
	}, "UID SEARCH", criteria...)
	if err == nil && unread { // nothing found would be a lie
		err = errMalformed
	}
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	slices.SortFunc(found, func(a, b span) int { return int(int64(a.low) - int64(b.low)) })
	return found, nil
}

// addSet adds the ranges of a set such as 1:3,7 (RFC 9051, sequence-set).
func addSet(to []span, set string) []span {
	for part := range strings.SplitSeq(set, ",") {
		if len(to) >= maxSpans {
			return to
		}
		low, high, isRange := strings.Cut(part, ":")
		from, err := strconv.ParseUint(low, 10, 32)
		end := from
		if err == nil && isRange {
			end, err = strconv.ParseUint(high, 10, 32)
		}
		if err == nil && max(from, end) > 0 {
			to = append(to, span{uint32(max(min(from, end), 1)), uint32(max(from, end))})
		}
	}
	return to
}

// firstOf returns the first UIDs of ranges that are sorted, from one on and at most some, each once.
func firstOf(found []span, first uint32, most int) (uids []uint32) {
	next := uint64(first)
	for _, s := range found {
		for next = max(next, uint64(s.low)); next <= uint64(s.high); next++ {
			if len(uids) == most {
				return uids
			}
			uids = append(uids, uint32(next))
		}
	}
	return uids
}

// behind is the UID after another one. Behind the last that there may be is nothing, which is no reason to begin anew.
func behind(uid uint32) uint32 {
	if uid == math.MaxUint32 {
		return uid
	}
	return uid + 1
}
