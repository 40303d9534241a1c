package prospects

// MeaningsOf counts answers by what those who wrote them mean, in the product's words.
func MeaningsOf(people []Line) map[string]int {
	out := map[string]int{}
	for _, l := range people {
		switch l.Kind {
		case Replied:
			meaning := l.Detail
			if meaning == outStop {
				meaning = "unsubscribe"
			}
			out[meaning]++
		case AutoReplied:
			meaning := "out_of_office"
			if l.Detail == outLeft { // a program says so: what follows is told by the sequence that stops
				meaning = "automatic"
			}
			out[meaning]++
		}
	}
	return out
}
