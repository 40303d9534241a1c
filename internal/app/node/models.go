package node

import (
	"context"
	"errors"
	"fmt"
	"os"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/dial"
	"outrider/internal/llm"
	"outrider/internal/websearch"
)

// LanguageModels says which language models the installation has for all organisations.
type LanguageModels struct {
	OpenAIKey     string  `name:"openai-key" env:"OPENAI_API_KEY" help:"Key of language models that every organisation may use, within the budget of its plan; without one they bring their own, or templates are filled in."`
	OpenAIBaseURL string  `name:"openai-base-url" env:"OPENAI_BASE_URL" help:"An API of OpenAI's form; default: OpenAI's." placeholder:"URL"`
	OpenAIModel   string  `name:"openai-model" env:"OPENAI_MODEL" default:"gpt-4.1-mini" help:"Model for those who choose none."`
	OpenAIPrice   []int64 `name:"openai-price" env:"OPENAI_PRICE" help:"What a million tokens of that model cost in micro-USD: input,cached,output; default: as in the list." placeholder:"N,N,N"`
	SearchKey     string  `name:"search-key" env:"BRAVE_SEARCH_API_KEY" help:"Key of Brave Search with which every organisation may have web sites of companies searched for, within the budget of its plan; without one they bring their own."`
	SearchURL     string  `name:"search-url" env:"BRAVE_SEARCH_URL" help:"What speaks Brave's Web Search API; default: Brave's own." placeholder:"URL"`
	SearchPrice   int64   `name:"search-price" env:"BRAVE_SEARCH_PRICE" default:"5000" help:"What a search costs in micro-USD." placeholder:"N"`

	Models string `name:"models" type:"existingfile" help:"List of the models that organisations may choose, with prices in micro-USD a million tokens, and a note on what is kept of what they are asked (JSON; see docs/operations.md); default: OpenAI's list prices." placeholder:"FILE"`
}

// modelSetup is what LanguageModels says, made ready.
type modelSetup struct {
	platform  llm.Endpoint // without key and URL: there is none
	catalogue models.Catalogue
	byTask    map[string]string
	reach     dial.Reach // of organisations' own endpoints
	search    models.SearchConfig
}

// prepare reads what the options name. others is how services of others are reached.
func (c LanguageModels) prepare(reach dial.Reach, others dial.Dialer) (m modelSetup, err error) {
	m = modelSetup{platform: llm.Endpoint{BaseURL: c.OpenAIBaseURL, Key: c.OpenAIKey}, catalogue: models.NewCatalogue(), byTask: map[string]string{}, reach: reach}
	if c.Models != "" {
		file, err := os.ReadFile(c.Models)
		if err != nil {
			return m, fmt.Errorf("--models: %w", err)
		}
		if m.catalogue, err = models.ReadCatalogue(file); err != nil {
			return m, fmt.Errorf("--models: %w", err)
		}
	}
	if len(c.OpenAIPrice) == 3 {
		m.catalogue = m.catalogue.With(c.OpenAIModel, events.AIPrice{Input: c.OpenAIPrice[0], Cached: c.OpenAIPrice[1], Output: c.OpenAIPrice[2]})
	}
	if _, known := m.catalogue.Find(c.OpenAIModel); !known && c.OpenAIKey+c.OpenAIBaseURL != "" {
		return m, fmt.Errorf("the price of model %s isn't known: give --openai-price input,cached,output, or name it in --models", c.OpenAIModel)
	}
	if c.SearchURL != "" {
		if err := websearch.CheckURL(c.SearchURL, others.Reach); err != nil {
			return m, fmt.Errorf("--search-url %w", err)
		}
	}
	if c.SearchPrice < 0 || c.SearchPrice > commands.MaxAICallMicros {
		return m, errors.New("--search-price must be 0 to 100000000")
	}
	m.search = models.SearchConfig{Provider: websearch.NewBrave(websearch.Options{BaseURL: c.SearchURL, Dialer: others}), Key: c.SearchKey, PriceMicros: c.SearchPrice}
	for _, task := range events.AITasks() {
		m.byTask[task] = c.OpenAIModel
	}
	return m, nil
}

// newModels makes who asks language models.
func (n *Node) newModels() (*models.Client, error) {
	m := n.mailing.models
	at := ReadModel(models.Projection)
	return models.NewClient(models.Config{Search: m.search, Platform: m.platform, Default: m.byTask, Catalogue: m.catalogue, Reach: m.reach, Secrets: n.vault, Keys: n.vault, Commands: n.Gateway, Now: n.clock.Now,
		Ledger: models.ReadModel{Pool: n.Pools.API, Position: func(ctx context.Context, partition int32, pseq int64) error {
			return n.Positions.Wait(ctx, at, partition, pseq)
		}}})
}
