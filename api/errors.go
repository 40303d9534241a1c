package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/api/visitor"
	"outrider/commands"
	"outrider/internal/app/asof"
	"outrider/internal/app/auditexport"
	"outrider/internal/app/livefeed"
	"outrider/internal/app/tracking"
	"outrider/internal/clickhouse"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/identity"
	"outrider/internal/postgres"
)

// Codes of problems that the edge gives itself; the others are the domain's (commands) and the kernel's (es).
const (
	codeMalformed       = "malformed_request"
	codeUnauthenticated = "unauthenticated"
	codeSignIn          = "sign_in_failed"
	codeSecondFactor    = "second_factor_required"
	codeLink            = "link_invalid"
	codeNoMail          = "no_system_mail"
	codeForbidden       = "forbidden"
	codeAddress         = "address_not_allowed"
	codeMethod          = "method_not_allowed"
	codeSlow            = "request_timeout"
	codeTooLarge        = "too_large"
	codeMedia           = "unsupported_media_type"
	codeRateLimited     = "rate_limited"
	codeBusy            = "busy"
	codeUnavailable     = "unavailable"
	codePaymentRefused  = "payment_refused"
	codeStarting        = "starting"
	codeRealClock       = "clock_is_real"
	codeBehind          = "not_yet_visible"
	codeDamaged         = "history_damaged"
	codeLong            = "history_long"
)

// problemKinds is the only place that gives codes a status. A code that isn't here is a fault of ours: 500.
var problemKinds = map[string]struct { //nolint:gochecknoglobals // a constant table
	status int
	title  string
}{
	codePaymentRefused:                 {http.StatusConflict, "The payment provider refuses"},
	codeMalformed:                      {http.StatusBadRequest, "Malformed request"},
	codeUnauthenticated:                {http.StatusUnauthorized, "No valid credential"},
	codeSignIn:                         {http.StatusUnauthorized, "Not signed in"},
	codeSecondFactor:                   {http.StatusUnauthorized, "A code is needed"},
	codeLink:                           {http.StatusGone, "The link is not valid any more"},
	codeNoMail:                         {http.StatusServiceUnavailable, "No mail can be sent"},
	commands.CodeQuotaExceeded:         {http.StatusPaymentRequired, "Quota exceeded"},
	codeForbidden:                      {http.StatusForbidden, "Not allowed"},
	codeAddress:                        {http.StatusForbidden, "Not from this address"},
	commands.CodeOrganizationSuspended: {http.StatusForbidden, "Organisation is suspended"},
	commands.CodeNotFound:              {http.StatusNotFound, "Not found"},
	commands.CodeOrganizationUnknown:   {http.StatusNotFound, "Organisation not found"},
	commands.CodeOrganizationDeleted:   {http.StatusNotFound, "Organisation is deleted"},
	codeMethod:                         {http.StatusMethodNotAllowed, "Method not allowed"},
	codeSlow:                           {http.StatusRequestTimeout, "The request came too slowly"},
	commands.CodeAlreadyExists:         {http.StatusConflict, "Already exists"},
	commands.CodeInUse:                 {http.StatusConflict, "In use"},
	commands.CodeScoreTooLow:           {http.StatusConflict, "A lower score than the campaign demands"},
	commands.CodeActiveElsewhere:       {http.StatusConflict, "On another campaign"},
	commands.CodeSuppressed:            {http.StatusConflict, "Suppressed"},
	commands.CodeSuppressionStays:      {http.StatusConflict, "This suppression stays"},
	commands.CodeSequenceEnded:         {http.StatusConflict, "The sequence has ended for this address"},
	commands.CodeImportClosed:          {http.StatusConflict, "Import has ended"},
	commands.CodeImportOpen:            {http.StatusConflict, "Import is running"},
	commands.CodeWrongStatus:           {http.StatusConflict, "Not possible in this status"},
	commands.CodeArchived:              {http.StatusConflict, "The campaign is archived"},
	commands.CodeNotReady:              {http.StatusConflict, "Something is missing"},
	commands.CodeInboxStale:            {http.StatusConflict, "The inbox was not read recently"},
	commands.CodeNotScheduled:          {http.StatusConflict, "Not scheduled"},
	commands.CodeUnsupported:           {http.StatusConflict, "It says what no fact carries"},
	commands.CodeClaimed:               {http.StatusConflict, "It may have left already"},
	commands.CodePostponed:             {http.StatusConflict, "Postponed"},
	commands.CodeNotInDoubt:            {http.StatusConflict, "Not in doubt"},
	commands.CodeSlotTaken:             {http.StatusConflict, "The slot is taken"},
	commands.CodeSlotClosed:            {http.StatusConflict, "Not within the booking hours"},
	commands.CodeNotAdmitted:           {http.StatusForbidden, "Nobody joins so"},
	commands.CodeLastOwner:             {http.StatusConflict, "The organisation needs an owner"},
	commands.CodeFeatureOff:            {http.StatusConflict, "Switched off by the operator"},
	commands.CodeAIStopped:             {http.StatusConflict, "Language models are stopped"},
	commands.CodeAICallOpen:            {http.StatusConflict, "It is being asked already"},
	commands.CodeTestLimit:             {http.StatusConflict, "Enough test sends for today"},
	commands.CodeVersionConflict:       {http.StatusPreconditionFailed, "Changed by somebody else"},
	codeRealClock:                      {http.StatusConflict, "Time is real here"},
	codeTooLarge:                       {http.StatusRequestEntityTooLarge, "Too large"},
	commands.CodeFileTooLarge:          {http.StatusRequestEntityTooLarge, "The file is too large"},
	codeMedia:                          {http.StatusUnsupportedMediaType, "Media type not supported"},
	commands.CodeInvalid:               {http.StatusUnprocessableEntity, "Invalid"},
	es.CodeKeyReused:                   {http.StatusUnprocessableEntity, "Idempotency-Key was used for another request"},
	codeRateLimited:                    {http.StatusTooManyRequests, "Too many requests"},
	codeBusy:                           {http.StatusTooManyRequests, "Too many changes at once"},
	es.CodeAhead:                       {http.StatusServiceUnavailable, "The server's clock is wrong"},
	codeStarting:                       {http.StatusServiceUnavailable, "Outrider is starting"},
	codeUnavailable:                    {http.StatusServiceUnavailable, "Try again later"},
	codeBehind:                         {http.StatusServiceUnavailable, "Not visible yet, try again"},
	codeLong:                           {http.StatusServiceUnavailable, "No time to read all of the history, ask again"},
	codeDamaged:                        {http.StatusInternalServerError, "The copy of the history is damaged"},
}

// problem is an error that knows how it looks outside.
type problem struct {
	gen.Problem
	retry time.Duration // of Retry-After; 0 = none
	cause error         // for the log, never for the caller
}

func (p *problem) Error() string {
	if p.cause != nil {
		return p.Code + ": " + p.cause.Error()
	}
	return p.Code + ": " + p.Detail
}

func (p *problem) Unwrap() error { return p.cause }

func newProblem(code, detail string) *problem {
	k, ok := problemKinds[code]
	if !ok {
		k.status, k.title = http.StatusInternalServerError, "Internal error"
		code = es.CodeInternal
	}
	return &problem{Problem: gen.Problem{Type: "urn:outrider:problem:" + code, Title: k.title, Status: k.status, Code: code, Detail: detail}}
}

func malformedProblem(detail string) error { return newProblem(codeMalformed, detail) }

// bodyProblem is about a body that can't be read: it came too slowly, which the same request again may not, or it is malformed.
func bodyProblem(err error, detail string) error {
	if isTimeout(err) {
		return newProblem(codeSlow, "")
	}
	return malformedProblem(detail)
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}
func notFoundProblem() error { return newProblem(commands.CodeNotFound, "") }

func invalidField(field, reason string) *problem {
	p := newProblem(commands.CodeInvalid, field+": "+reason)
	p.Errors = []gen.FieldError{{Field: field, Reason: reason}}
	return p
}

func invalidProblem(errs ...gen.FieldError) error {
	p := invalidField(errs[0].Field, errs[0].Reason)
	p.Errors = errs
	return p
}

// renameFields gives fields that the domain names otherwise the names that the request has for them.
func renameFields(err error, names map[string]string) error {
	p := (*problem)(nil)
	if !errors.As(err, &p) {
		return err
	}
	for i, e := range p.Errors {
		if name, ok := names[e.Field]; ok {
			p.Errors[i].Field = name
			if i == 0 {
				p.Detail = name + ": " + e.Reason
			}
		}
	}
	return err
}

func forbiddenProblem(lack string, s identity.Scope) error {
	p := newProblem(codeForbidden, "this needs "+lack)
	p.Scope = string(s)
	return p
}

func unavailableProblem(code string, cause error) error {
	return laterProblem(code, "", cause)
}

// laterProblem asks the caller to come back in a second.
func laterProblem(code, detail string, cause error) *problem {
	p := newProblem(code, detail)
	p.retry, p.cause = time.Second, cause
	return p
}

// unfinishedDetail tells how far a long history was read.
func unfinishedDetail(err *asof.UnfinishedError) string {
	of := ""
	if err.Newest > 0 {
		of = fmt.Sprintf(" of at most %d", err.Newest)
	}
	return fmt.Sprintf("the history is long: it was read up to event %d%s. Ask again within two minutes, and reading continues from there.", err.Oseq, of)
}

// problemOfRefusal is what the domain answered, as a problem. Details hold no personal data.
func problemOfRefusal(code string, detail json.RawMessage) *problem {
	p := newProblem(code, "")
	var field gen.FieldError
	if len(detail) > 0 {
		// A detail's members carry the names that a problem has for them; one that doesn't fit is left out.
		_ = json.Unmarshal(detail, &p.Problem)
		_ = json.Unmarshal(detail, &field)
	}
	fresh := newProblem(code, "") // members of the frame are ours alone
	p.Type, p.Title, p.Status, p.Code, p.Detail = fresh.Type, fresh.Title, fresh.Status, fresh.Code, fresh.Detail
	switch {
	case field.Field != "":
		p.Errors = []gen.FieldError{field}
		p.Detail = field.Field + ": " + field.Reason
	case code == commands.CodeSuppressionStays:
		p.Detail = "the person was erased, or called a mail spam: nothing may be sent there any more"
	case code == commands.CodeSequenceEnded:
		p.Detail = "the address was on this campaign before: " + field.Reason
	case len(p.Missing) > 0:
		p.Detail = "it lacks: " + nameMissing(p.Missing)
	default:
		if status := statusIn(detail); status != "" {
			p.Detail = "it is " + status
		}
	}
	return p
}

// nameMissing names what is missing, each once.
func nameMissing(missing []gen.Lack) string {
	var names []string
	for _, m := range missing {
		if !slices.Contains(names, m.What) {
			names = append(names, m.What)
		}
	}
	return strings.Join(names, ", ")
}

// statusIn is the status that stands against a command, where its detail names one.
func statusIn(detail json.RawMessage) string {
	var d struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(detail, &d) != nil {
		return ""
	}
	return d.Status
}

// problemOf makes of any error what the caller may know of it.
func problemOf(err error) *problem {
	var (
		p          *problem
		refusal    *es.Refusal
		http       *fiber.Error
		network    net.Error
		beyond     *auditexport.BeyondEndError
		unfinished *asof.UnfinishedError
		used       *visitor.LimitError
	)
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		detail, _ := es.Marshal(refusal.Detail)
		return problemOfRefusal(refusal.Code, detail)
	case errors.Is(err, identity.ErrUnauthenticated):
		return newProblem(codeUnauthenticated, "")
	case errors.Is(err, pgx.ErrNoRows), errors.Is(err, identity.ErrNotFound), errors.Is(err, tracking.ErrNoMessage), errors.Is(err, visitor.ErrInvalidLink):
		return newProblem(commands.CodeNotFound, "")
	case errors.As(err, &used):
		p := newProblem(codeRateLimited, used.Error())
		p.retry = used.Retry
		return p
	case errors.Is(err, visitor.ErrFormTooLarge):
		return newProblem(codeTooLarge, "")
	case errors.Is(err, visitor.ErrUnreadableForm):
		return newProblem(codeMalformed, err.Error())
	case errors.Is(err, tracking.ErrUnknownMessage), errors.Is(err, visitor.ErrMeetingNotVisible), errors.Is(err, asof.ErrBehind), errors.Is(err, auditexport.ErrBehind):
		return laterProblem(codeBehind, "", err)
	case errors.As(err, &beyond):
		return newProblem(codeMalformed, "query parameter after: "+beyond.Error())
	case errors.As(err, &unfinished):
		return laterProblem(codeLong, unfinishedDetail(unfinished), err)
	case errors.Is(err, asof.ErrNotBegun):
		return newProblem(commands.CodeNotFound, asof.ErrNotBegun.Error())
	case errors.Is(err, asof.ErrDamaged):
		p := newProblem(codeDamaged, "the copy of this organisation's history in ClickHouse doesn't verify; the log itself is not touched by that. Rebuild the table from the log.")
		p.cause = err
		return p
	case errors.Is(err, gateway.ErrBusy):
		return laterProblem(codeBusy, "too many changes of this organisation are on their way", err)
	case errors.Is(err, gateway.ErrTooLarge):
		return newProblem(codeTooLarge, "the command is larger than the log takes")
	case errors.Is(err, tracking.ErrUnavailable), errors.Is(err, livefeed.ErrClosed), errors.Is(err, gateway.ErrOverloaded), errors.Is(err, gateway.ErrClosed), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, context.Canceled), errors.As(err, &network), clickhouse.Unavailable(err), postgres.Transient(err):
		return laterProblem(codeUnavailable, "", err)
	case errors.As(err, &http):
		return ofStatus(http.Code)
	}
	if p := connectProblem(err); p != nil {
		return p
	}
	if p := signInProblem(err); p != nil {
		return p
	}
	p = newProblem(es.CodeInternal, "")
	p.cause = err
	return p
}

// ofStatus is for what the HTTP library refuses itself.
func ofStatus(status int) *problem {
	switch status {
	case http.StatusNotFound:
		return newProblem(commands.CodeNotFound, "there is nothing at this path")
	case http.StatusMethodNotAllowed:
		return newProblem(codeMethod, "")
	case http.StatusRequestTimeout:
		return newProblem(codeSlow, "")
	case http.StatusRequestEntityTooLarge, http.StatusRequestHeaderFieldsTooLarge:
		return newProblem(codeTooLarge, "")
	}
	if status >= http.StatusInternalServerError {
		return newProblem(codeUnavailable, "")
	}
	return newProblem(codeMalformed, "")
}

// writeTo writes the problem as the response.
func (p *problem) writeTo(c *fiber.Ctx) error {
	body, err := json.Marshal(p.Problem)
	if err != nil {
		return fmt.Errorf("encode problem: %w", err)
	}
	if p.retry > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.FormatInt(int64((p.retry+time.Second-1)/time.Second), 10))
	}
	if p.Status == http.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="outrider"`)
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	c.Set(fiber.HeaderContentDisposition, asFile)
	return c.Status(p.Status).Send(body)
}

// refusalCode returns the code of a problem, or "".
func refusalCode(err error) string {
	var p *problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}
