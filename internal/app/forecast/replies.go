package forecast

import (
	"math"

	"outrider/internal/stats"
)

// ReplyHistory is what was sent and answered so far, by calendar days of one zone.
type ReplyHistory struct {
	Sent    []int   // messages by days ago; 0 = today
	Replied [][]int // of them, those that a person answered, by days until the first answer
}

// Replies is how many messages people are to answer on a day to come, the first time.
type Replies struct {
	Expected  float64
	Low, High int // in eight cases of ten between these
}

// ReplyDays is how far back a history is looked at, and after how many days nobody answers any more.
const (
	ReplyDays  = 90
	repliesEnd = 28
)

// RepliesAhead is how many days after today the sum is of.
const RepliesAhead = 14

// ForecastReplies says how many answers come on each day after today, and in the next RepliesAhead days together. planned are the messages that will be sent, by day; the first is what is left of today.
//
// How often a message is answered so many days after it was sent is counted of those that are old enough to tell, on top of what is believed of a campaign of which nothing is
// known. How much answers vary is taken from their number so far: of few little is known, and the band is wide.
func ForecastReplies(h ReplyHistory, planned []int) (out []Replies, all Replies) {
	chance, answered := replyChances(h)
	out = make([]Replies, 0, len(planned))
	band := func(mean float64) Replies {
		return Replies{mean, stats.CountQuantile(mean, answered, 0.1), stats.CountQuantile(mean, answered, 0.9)}
	}
	sum := 0.0
	for day := 1; day < max(len(planned), RepliesAhead+1); day++ {
		mean := 0.0
		for ago, n := range h.Sent {
			if age := ago + day; age < repliesEnd {
				mean += float64(n) * chance[age]
			}
		}
		for sent := 0; sent <= day && sent < len(planned); sent++ {
			if age := day - sent; age < repliesEnd {
				mean += float64(planned[sent]) * chance[age]
			}
		}
		if day <= RepliesAhead {
			sum += mean
		}
		if day < len(planned) {
			out = append(out, band(mean))
		}
	}
	return out, band(sum)
}

// replyChances are the chances that a message is answered so many days after it was sent, and how many answers they rest on.
func replyChances(h ReplyHistory) (chance []float64, answered float64) {
	chance, answered = make([]float64, repliesEnd), stopsBefore
	mean := answersAfter.Hours() / 24
	for age := range chance {
		before := stopsBefore * (math.Exp(-float64(age)/mean) - math.Exp(-float64(age+1)/mean))
		sent, replied := float64(sentBefore), before
		for ago := age + 1; ago < len(h.Sent); ago++ { // the day itself is over
			sent += float64(h.Sent[ago])
			if age < len(h.Replied[ago]) {
				replied += float64(h.Replied[ago][age])
				answered += float64(h.Replied[ago][age])
			}
		}
		chance[age] = replied / sent
	}
	return chance, answered
}
