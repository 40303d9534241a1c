package llm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"outrider/internal/dial"
)

// Prompt is what a model is asked.
type Prompt struct {
	System, User string
	SchemaName   string          // with Schema: that of the answer, a JSON object; without, any text
	Schema       json.RawMessage // https://platform.openai.com/docs/guides/structured-outputs
	Seed         int             // of chance
	MaxTokens    int             // of the answer, thinking included; 0 = 4000
	// Check says why an answer can't be used; nil = any can.
	Check func(text string) error
}

const mostTokens = 4000

func (p Prompt) maxTokens() int {
	if p.MaxTokens == 0 {
		return mostTokens
	}
	return p.MaxTokens
}

// Hash is the SHA-256 of what a model is asked, in hex: the same for the same question.
func (p Prompt) Hash(model string) string {
	h := sha256.New()
	for _, part := range []string{model, p.System, p.User, string(p.Schema), strconv.Itoa(p.Seed), strconv.Itoa(p.maxTokens())} {
		_, _ = h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// AtMost returns how many tokens it can cost: what goes in, and what may come out. A token is three or more bytes of most languages; two leave some room.
func (p Prompt) AtMost() (input, output int) {
	return (len(p.System) + len(p.User) + len(p.Schema) + 200) / 2, p.maxTokens()
}

// Completion is what a model has answered, as whoever serves it says. Text is "" where the answer can't be used, which still costs.
type Completion struct {
	Text         string
	Model        string
	PromptHash   string
	InputTokens  int
	CachedTokens int
	OutputTokens int
	CostMicroUSD int64
}

// Endpoint is where models of OpenAI's form answer.
type Endpoint struct {
	BaseURL string // with the version: https://api.openai.com/v1
	Key     string
}

// OpenAIURL is where OpenAI answers.
const OpenAIURL = "https://api.openai.com/v1"

// Ask asks a model once. Whoever serves it may tell two equal requests apart by the id. Every error is an *Error, but that of a cancelled ctx. With Invalid, what was used is there too.
func Ask(ctx context.Context, client *http.Client, at Endpoint, model, id string, p Prompt) (Completion, error) {
	config := openai.DefaultConfig(at.Key)
	config.HTTPClient = withID{client, id}
	config.BaseURL = strings.TrimSuffix(at.BaseURL, "/")
	request := openai.ChatCompletionRequest{Model: model, MaxCompletionTokens: p.maxTokens(), Seed: &p.Seed, Messages: []openai.ChatCompletionMessage{
		{Role: openai.ChatMessageRoleSystem, Content: p.System}, {Role: openai.ChatMessageRoleUser, Content: p.User}}}
	if p.Schema != nil {
		request.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: p.SchemaName, Schema: p.Schema, Strict: true}}
	}
	response, err := openai.NewClientWithConfig(config).CreateChatCompletion(ctx, request)
	if err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return Completion{}, fmt.Errorf("ask model: %w", context.Cause(ctx))
		}
		return Completion{}, &Error{Reason: reasonOf(err), Unanswered: isUnanswered(err), Err: err}
	}
	out := Completion{Model: response.Model, PromptHash: p.Hash(model), InputTokens: response.Usage.PromptTokens, OutputTokens: response.Usage.CompletionTokens}
	if details := response.Usage.PromptTokensDetails; details != nil {
		out.CachedTokens = details.CachedTokens
	}
	if out.Text, err = textOf(response); err == nil && p.Check != nil {
		err = p.Check(out.Text)
	}
	if err != nil {
		out.Text = ""
		return out, &Error{Reason: Invalid, Err: err}
	}
	return out, nil
}

// withID says with each request whose it is, and reads no endless answer.
type withID struct {
	client *http.Client
	id     string
}

const maxAnswer = 4 << 20

func (w withID) Do(r *http.Request) (*http.Response, error) {
	if w.id != "" {
		r.Header.Set("X-Client-Request-Id", w.id)
	}
	a, err := w.client.Do(r)
	if err != nil {
		return nil, err
	}
	a.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(a.Body, maxAnswer), a.Body}
	return a, nil
}

// textOf returns the answer, if it is whole.
func textOf(response openai.ChatCompletionResponse) (string, error) {
	if len(response.Choices) == 0 {
		return "", errors.New("no answer")
	}
	choice := response.Choices[0]
	if choice.Message.Refusal != "" {
		return "", fmt.Errorf("refused: %s", choice.Message.Refusal)
	}
	if choice.FinishReason == openai.FinishReasonLength {
		return "", errors.New("the answer is longer than the limit of tokens, thinking included: raise the limit")
	}
	if choice.FinishReason != openai.FinishReasonStop {
		return "", fmt.Errorf("finished by %q", choice.FinishReason)
	}
	return choice.Message.Content, nil
}

// isUnanswered reports whether a request may have been worked on, though no answer came.
func isUnanswered(err error) bool {
	var api *openai.APIError
	var request *openai.RequestError
	var connection *net.OpError
	if errors.As(err, &connection) && connection.Op == "dial" || errors.Is(err, dial.ErrUnreachable) {
		return false
	}
	return !errors.As(err, &api) && !errors.As(err, &request)
}

func reasonOf(err error) Reason {
	status := 0
	var api *openai.APIError
	var request *openai.RequestError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &api):
		status = api.HTTPStatusCode
		if code, _ := api.Code.(string); code == "insufficient_quota" { // 429 too, but waiting doesn't help
			return Rejected
		}
	case errors.As(err, &request):
		status = request.HTTPStatusCode
	case errors.As(err, &syntax):
		return Invalid
	}
	if status/100 == 4 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout && status != http.StatusConflict {
		return Rejected
	}
	return Temporary
}
