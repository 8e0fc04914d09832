package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/loose"
)

// settings are what an account's plan may query, by dataset.
type settings map[string]loose.Object[datasetSettings]

// datasetSettings is what an account's plan may query of one dataset.
type datasetSettings struct {
	Enabled      loose.Flag   `json:"enabled"`
	MaxDuration  loose.Number `json:"maxDuration"`  // seconds
	NotOlderThan loose.Number `json:"notOlderThan"` // seconds
	MaxPageSize  loose.Number `json:"maxPageSize"`
}

// longest is the longest span of one query, oldest how long ago it may begin; 0 = not told.
func (s *datasetSettings) longest() time.Duration { return seconds(s.MaxDuration) }
func (s *datasetSettings) oldest() time.Duration  { return seconds(s.NotOlderThan) }

func seconds(n loose.Number) time.Duration { return time.Duration(n.Value * float64(time.Second)) }

// graphQL makes the query of a plan. An answer that has data for some aliases and errors for others is a success with
// failures.
func (d *driver) graphQL(ctx context.Context, account string, todo *plan, query string) (*reply, error) {
	const op = "query analytics"
	var answer *reply
	_, err := d.api.Do(ctx, httpx.Call{Op: op, Path: "/graphql", Body: map[string]any{
		"query": query, "variables": map[string]string{"accountTag": account},
	}}, func(from *json.Decoder) error {
		answer = newReply(todo)
		return answer.read(from)
	})
	switch {
	case err != nil:
		return nil, err
	case answer.found:
		return answer, d.sort(answer)
	case len(answer.errors.All) == 0:
		return nil, &cloud.Error{
			Kind: cloud.KindDenied, Op: name + ": " + op, Detail: "the answer has no account " + account, Hint: hintAnalytics,
		}
	}
	return nil, d.refused(op, answer.errors.All)
}

// askSettings asks for nothing but what the account's plan may query.
func (d *driver) askSettings(ctx context.Context, account string) (*reply, error) {
	none := &plan{}
	return d.graphQL(ctx, account, none, none.text(accountSettings{}, true))
}

// sort gives the errors of an answer to the aliases that they are about. What is about none is the answer's own error
// where there is nothing else.
func (d *driver) sort(r *reply) error {
	for i := range r.errors.All {
		err := d.refused("query analytics", r.errors.All[i:i+1])
		if alias := r.errors.All[i].alias(); alias != "" {
			r.failed[alias] = err
		} else if len(r.groups) == 0 {
			return err
		}
	}
	return nil
}

// alias is the part of the query that an error is about: the path ends in it, or goes on into its rows.
func (e *apiError) alias() string {
	var path []any
	if json.Unmarshal(e.Path, &path) != nil {
		return ""
	}
	for i, part := range path {
		if i > 0 && path[i-1] == "accounts" || i > 1 && path[i-2] == "accounts" {
			if s, ok := part.(string); ok && strings.Trim(s, "0123456789") != "" {
				return s
			}
		}
	}
	return ""
}

// refusedError is a refusal of a query, with the aliases that it names.
type refusedError struct {
	cause   *cloud.Error
	aliases []string
}

func (e *refusedError) Error() string { return e.cause.Error() }
func (e *refusedError) Unwrap() error { return e.cause }

func (d *driver) refused(op string, all []apiError) error {
	f := faultOf(200, all)
	e := &refusedError{cause: &cloud.Error{
		Kind: f.Kind, Op: name + ": " + op, Code: f.Code, Detail: httpx.Redact(f.Detail, d.api.Secrets), Hint: f.Hint,
	}}
	for i := range all {
		if a := all[i].alias(); a != "" {
			e.aliases = append(e.aliases, a)
		}
	}
	return e
}

// named returns the aliases that a refusal names.
func named(err error) []string {
	if e, ok := errors.AsType[*refusedError](err); ok {
		return e.aliases
	}
	return nil
}

const hintAnalytics = "give the API token " + analyticsRead + " for this account at " + tokenPage +
	"; a plan without these analytics answers the same"

// reason is what an error of the GraphQL API means.
type reason struct {
	kind cloud.Kind
	why  string
	hint string
}

// reasonOf reads the message: GraphQL has no codes beyond the word "authz" in extensions. The messages are those of
// the page "GraphQL API errors".
func reasonOf(e *apiError) reason {
	says := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(strings.ToLower(string(e.Message)), p) {
				return true
			}
		}
		return false
	}
	switch {
	case says("does not have access to the path"):
		return reason{cloud.KindUnsupported, "plan", "the account's plan does not include this dataset"}
	case says("cannot request data older"):
		return reason{cloud.KindRequest, "retention", "the plan keeps this data for a shorter time"}
	case says("time range is too large", "query time range"):
		return reason{cloud.KindRequest, "time range", "the plan allows shorter spans"}
	case says("number of fields", "too many nodes", "limit must be", "excessive resources", "unknown field"):
		return reason{cloud.KindRequest, "query", ""}
	case says("budget depleted", "rate limit"):
		return reason{cloud.KindThrottled, "rate limit", "try again in 5 minutes"}
	case says("unable to execute", "too many queries in progress", "internal"):
		return reason{cloud.KindUnavailable, "unavailable", ""}
	case says("unauthorized") && e.Extensions.Value.Code == "":
		return reason{cloud.KindAuth, "credential", tokenHelp}
	case e.Extensions.Value.Code == "authz", says("not authorized", "unauthorized"):
		return reason{cloud.KindDenied, "permission", hintAnalytics}
	}
	return reason{cloud.KindRequest, "query", ""}
}

// missing says which dataset is missing from a service's metrics, and why.
func missing(dataset string, err error) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok {
		return cloud.Partial(name+": read "+dataset, err.Error())
	}
	why := reasonOf(&apiError{Message: loose.Text(e.Detail)}).why
	switch e.Kind {
	case cloud.KindDenied:
		why = "permission"
	case cloud.KindResponse:
		why = "answer"
	default:
	}
	return &cloud.Error{
		Kind: cloud.KindPartial, Op: name + ": read " + dataset, Hint: e.Hint, Err: e,
		Detail: fmt.Sprintf("no data (%s): %s", why, e.Message()),
	}
}
