package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what went wrong, and with that whether to retry and what a user can do about it.
type Kind string

// The kinds of errors.
const (
	KindAuth        Kind = "auth"        // the credential is missing, wrong or expired: fatal for its provider
	KindDenied      Kind = "denied"      // the credential is good but may not read this
	KindThrottled   Kind = "throttled"   // too many calls
	KindUnavailable Kind = "unavailable" // the provider answers 5xx
	KindNetwork     Kind = "network"     // no answer, or the connection broke
	KindTimeout     Kind = "timeout"     // a deadline passed
	KindCancelled   Kind = "cancelled"   // the user or the program stopped it
	KindNotFound    Kind = "not_found"   // the thing asked for does not exist
	KindUnsupported Kind = "unsupported" // the account's plan or region does not offer this
	KindRequest     Kind = "request"     // the provider refused our request as malformed
	KindResponse    Kind = "response"    // the answer is malformed or too large
	KindPartial     Kind = "partial"     // the provider itself says that its answer is incomplete
	KindConfig      Kind = "config"      // the configuration asks for something impossible
	KindInternal    Kind = "internal"    // cloudtop itself broke down: a bug
)

// Error is every error of a provider. It never holds a secret: Detail is the provider's own message, cleaned.
type Error struct {
	Kind       Kind
	Op         string // "vastai: list instances"
	Status     int    // HTTP status; 0 where there was no answer
	Code       string // the provider's own error code; may be empty
	Detail     string
	Hint       string        // what the user can do next; may be empty
	RetryAfter time.Duration // how long the provider asks to wait; 0 = it does not say
	Err        error         // the cause; may be nil
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op)
		b.WriteString(": ")
	}
	b.WriteString(e.Message())
	return b.String()
}

// Message is the error without its operation: for places that show the operation elsewhere.
func (e *Error) Message() string {
	parts := make([]string, 0, 3)
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Code != "" {
		parts = append(parts, e.Code)
	}
	if e.Detail != "" {
		parts = append(parts, e.Detail)
	}
	if len(parts) == 0 && e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	if len(parts) == 0 {
		parts = append(parts, string(e.Kind))
	}
	return strings.Join(parts, " ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Partial returns an error that says what of an answer is missing; a listing goes on after it.
func Partial(op, detail string) *Error {
	return &Error{Kind: KindPartial, Op: op, Detail: detail}
}

// KindOf returns the kind of err: of the Error in its chain, or what the context package tells; "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	switch {
	case errors.Is(err, context.Canceled):
		return KindCancelled
	case errors.Is(err, context.DeadlineExceeded):
		return KindTimeout
	}
	return KindNetwork
}
