package forecast_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"outrider/internal/app/forecast"
)

// In worlds whose answers are drawn, about eight in ten days lie in the band, and the sum is right on average.
func TestAnswersLieInTheirBand(t *testing.T) {
	t.Parallel()
	in, days, expected, came := 0, 0, 0.0, 0.0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 9))
		rate, perDay, past := 0.02+0.1*random.Float64(), 20+random.IntN(200), 10+random.IntN(50)
		const days10 = 10
		h := forecast.ReplyHistory{Sent: make([]int, forecast.ReplyDays), Replied: make([][]int, forecast.ReplyDays)}
		for i := range h.Replied {
			h.Replied[i] = make([]int, forecast.ReplyDays)
		}
		planned, truth := make([]int, days10), make([]int, days10)
		for day := -past; day < days10; day++ { // 0 = today, which is over for what was sent before
			for range perDay {
				age := int(random.ExpFloat64() * 1.4)
				answers := random.Float64() < rate
				if day <= 0 {
					h.Sent[-day]++
				} else {
					planned[day]++
				}
				switch at := day + age; {
				case !answers:
				case at <= 0:
					h.Replied[-day][age]++
				case at < days10:
					truth[at]++
				}
			}
		}
		ahead, _ := forecast.ForecastReplies(h, planned)
		for i, r := range ahead {
			days++
			expected, came = expected+r.Expected, came+float64(truth[i+1])
			if truth[i+1] >= r.Low && truth[i+1] <= r.High {
				in++
			}
			if float64(r.Low) > r.Expected+1 || float64(r.High) < r.Expected-1 {
				t.Fatalf("%+v", r)
			}
		}
	}
	if share := float64(in) / float64(days); share < 0.78 || share > 0.93 {
		t.Errorf("%.3f of the days lie in the band", share)
	}
	if math.Abs(expected-came) > 0.04*came {
		t.Errorf("%.0f were expected, %.0f came", expected, came)
	}
}

func TestNothingIsKnownOfAnswersAtFirst(t *testing.T) {
	t.Parallel()
	none := forecast.ReplyHistory{}
	if got, all := forecast.ForecastReplies(none, []int{0, 0, 0}); len(got) != 2 || got[0] != (forecast.Replies{}) || all != (forecast.Replies{}) {
		t.Errorf("nothing sent, nothing to send: %+v, %+v", got, all)
	}
	got, all := forecast.ForecastReplies(none, []int{100, 0, 0, 0})
	if got[0].Expected <= got[2].Expected || got[0].Low != 0 || float64(got[0].High) < 2*got[0].Expected {
		t.Errorf("a hundred are sent today: %+v", got)
	}
	if all.Expected < got[0].Expected+got[1].Expected+got[2].Expected || all.Expected > 5 || all.High <= got[0].High {
		t.Errorf("in two weeks %+v", all)
	}
	if got, _ := forecast.ForecastReplies(none, nil); len(got) != 0 {
		t.Errorf("no day: %+v", got)
	}
}
