package inbound

import (
	"slices"
	"strings"
)

// What is known to be ours. A program may quote in any way; the words stay the same, and in their order.
const (
	grams       = 4  // words that are looked up together
	anchorWords = 12 // in a row are no coincidence
	anchorSize  = 50 // letters of them
	pieceWords  = 4  // in a row belong to a quotation that is known by an anchor
	maxPlaces   = 8  // of the same words in our text that are compared
)

// quoteSent marks with "> " what of a mail's text is ours: runs of words that stand in what we sent, in the same order, and the
// lines above that tell whose words they are. Blanks, line ends, quote marks and links count for nothing.
func quoteSent(full string, sent []string, c Context) string {
	words := wordsIn(full)
	ours := make([]bool, len(words))
	for _, text := range sent {
		markRuns(words, wordsIn(text), ours)
	}
	if !slices.Contains(ours, true) {
		return full
	}
	return strings.Join(quoteLines(full, words, ours, c), "\n")
}

// quotedRun is so many words of an answer that stand in our text.
type quotedRun struct{ at, from, n int } // in the answer, in ours

// markRuns finds what is surely a quotation, and from each of those on the smaller pieces that follow or go before in the same order:
// who repeats a few of our words in an answer still says them.
func markRuns(said, sent []word, ours []bool) {
	places := map[string][]int{}
	for i := 0; i+grams <= len(sent); i++ {
		key := joinWords(sent[i : i+grams])
		if len(places[key]) < maxPlaces {
			places[key] = append(places[key], i)
		}
	}
	var anchors []quotedRun
	for at := 0; at+grams <= len(said); {
		best := quotedRun{at: at}
		for _, from := range places[joinWords(said[at:at+grams])] {
			if n := sameWords(said[at:], sent[from:]); n > best.n {
				best = quotedRun{at, from, n}
			}
		}
		if !best.isAnchor(said, sent) {
			at++
			continue
		}
		anchors = append(anchors, best)
		at += best.n
	}
	for i, a := range anchors {
		a.mark(ours)
		from, to := 0, len(said)
		if i > 0 {
			from = anchors[i-1].at + anchors[i-1].n
		}
		if i+1 < len(anchors) {
			to = anchors[i+1].at
		}
		markBefore(said[from:a.at], sent[:a.from], ours[from:a.at])
		end := a.at + a.n
		markBehind(said[end:to], sent[a.from+a.n:], ours[end:to])
	}
}

func (r quotedRun) isAnchor(said, sent []word) bool {
	letters := 0
	for _, w := range said[r.at : r.at+r.n] {
		if letters += len([]rune(w.text)); len(w.text) >= 3 && len([]rune(w.text)) == 1 {
			letters += 2 // a letter that is a word
		}
	}
	return r.n >= anchorWords && letters >= anchorSize || r.n >= grams && r.n == len(sent)
}

func (r quotedRun) mark(ours []bool) {
	for i := r.at; i < r.at+r.n; i++ {
		ours[i] = true
	}
}

// markBehind marks what goes on with our text behind a quotation, past what a program or a person put in between.
func markBehind(said, sent []word, ours []bool) {
	const near = 60
	for at := 0; at < len(said); at++ {
		for from := 0; from < min(near, len(sent)); from++ {
			if n := sameWords(said[at:], sent[from:]); n >= pieceWords {
				quotedRun{at, from, n}.mark(ours)
				said, sent, ours, at = said[at+n:], sent[from+n:], ours[at+n:], -1
				break
			}
		}
	}
}

// markBefore marks the end of what stands before a quotation in our text: "Hello Bob," above a line that was changed.
func markBefore(said, sent []word, ours []bool) {
	n := 0
	for n < min(len(said), len(sent)) && said[len(said)-1-n].text == sent[len(sent)-1-n].text {
		n++
		ours[len(said)-n] = true
	}
}

func sameWords(a, b []word) int {
	n := 0
	for n < min(len(a), len(b)) && a[n].text == b[n].text {
		n++
	}
	return n
}

func joinWords(words []word) string {
	var out strings.Builder
	for _, w := range words {
		out.WriteString(w.text)
		out.WriteByte(' ')
	}
	return out.String()
}
