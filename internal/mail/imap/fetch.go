package imap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// setOf writes UIDs as a set, ranges where there are any.
func setOf(uids []uint32) string {
	uids = slices.Clone(uids)
	slices.Sort(uids)
	var parts []string
	for i := 0; i < len(uids); {
		j := i
		for j+1 < len(uids) && uids[j+1] == uids[j]+1 {
			j++
		}
		part := strconv.FormatUint(uint64(uids[i]), 10)
		if j > i {
			part += ":" + strconv.FormatUint(uint64(uids[j]), 10)
		}
		parts, i = append(parts, part), j+1
	}
	return strings.Join(parts, ",")
}

// fetchedItems is what one or more FETCH responses say of a message; the items of one have no order (RFC 9051, 7.5.2), and some servers send
// them apart.
type fetchedItems struct {
	uid      uint32
	size     int64
	received time.Time
	body     *value
}

// fetch asks for items of messages and gives what came, by UID. A response without a UID belongs to the message whose sequence number it has,
// if that was told, or to the only one that was asked for. What is about other messages is news.
func (c *conn) fetch(uids []uint32, items string, keep func(fetchedItems)) error {
	held := 0 // bytes of bodies whose UID isn't known yet
	bySequence := map[uint32]*fetchedItems{}
	err := c.run(func(r response) {
		switch r.kind {
		case "EXPUNGE", "VANISHED":
			clear(bySequence) // numbered anew
		case "FETCH":
			is := bySequence[r.number]
			if is == nil {
				if len(bySequence) > maxResponses/10 || held > maxAnswerBytes { // of messages that nobody asked for
					held = 0
					clear(bySequence)
				}
				is = &fetchedItems{}
				bySequence[r.number] = is
			}
			is.addItems(r.values)
			if is.uid == 0 && is.body != nil && len(uids) == 1 {
				is.uid = uids[0]
			}
			if slices.Contains(uids, is.uid) {
				keep(*is)
				is.body = nil
			} else if is.body != nil {
				held += len(is.body.text)
			}
		}
	}, "UID FETCH", setOf(uids), items)
	if err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	return nil
}

// addItems reads name and value in turns; what it doesn't know is of no use.
func (f *fetchedItems) addItems(values []value) {
	if len(values) == 1 && values[0].isList {
		values = values[0].list
	}
	for i := 0; i+1 < len(values); i += 2 {
		name, v := strings.ToUpper(values[i].text), values[i+1]
		switch {
		case name == "UID":
			if n, err := strconv.ParseUint(v.text, 10, 32); err == nil {
				f.uid = uint32(n)
			}
		case name == "RFC822.SIZE":
			f.size, _ = strconv.ParseInt(v.text, 10, 64)
		case name == "INTERNALDATE":
			f.received = readInternalDate(v.text)
		case strings.HasPrefix(name, "BODY[]"), strings.HasPrefix(name, "BODY.PEEK[]"), name == "RFC822":
			if !v.isNil && !v.isList {
				f.body = &v
			}
		}
	}
}

// readInternalDate also reads what some servers make of it; zero = nothing that can be read. Without a zone it is UTC.
func readInternalDate(text string) time.Time {
	text = strings.Join(strings.Fields(text), " ")
	for _, layout := range []string{"2-Jan-2006 15:04:05 -0700", "2-Jan-2006 15:04:05 MST", "2-Jan-2006 15:04:05", "2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 -0700",
		"2006-01-02 15:04:05 -0700", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}
