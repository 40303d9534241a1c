package llm

// Price is in micro-USD per million tokens.
type Price struct {
	Input  int64
	Cached int64 // input that the provider had cached
	Output int64
}

// Prices are the list prices of https://openai.com/api/pricing by model, for those who configure none.
func Prices() map[string]Price {
	return map[string]Price{
		"gpt-4o":       {2_500_000, 1_250_000, 10_000_000},
		"gpt-4o-mini":  {150_000, 75_000, 600_000},
		"gpt-4.1":      {2_000_000, 500_000, 8_000_000},
		"gpt-4.1-mini": {400_000, 100_000, 1_600_000},
		"gpt-4.1-nano": {100_000, 25_000, 400_000},
		"gpt-5":        {1_250_000, 125_000, 10_000_000},
		"gpt-5-mini":   {250_000, 25_000, 2_000_000},
		"gpt-5-nano":   {50_000, 5_000, 400_000},
	}
}
