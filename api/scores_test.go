package api_test

import (
	"testing"
)

// someScoreRules are rules that ask by nothing of a person's words.
func someScoreRules() obj {
	return obj{"qualified_lead": 60, "qualified_intent": 0, "review_lead": 30, "rules": []obj{{"name": "Has a company", "of": "lead", "field": "company_name", "test": "exists", "weight": 40}}}
}
