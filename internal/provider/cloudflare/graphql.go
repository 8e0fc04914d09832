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
	"github.com/adsops/cloudtop/internal/provider"
)

// row is one group of a dataset's answer. Every part but dimensions' own fields may be null; a null reading is nil.
type row struct {
	Count      provider.Number `json:"count"`
	Dimensions dimensions      `json:"dimensions"`
	Sum        values          `json:"sum"`
	Max        values          `json:"max"`
	Avg        values          `json:"avg"`
	Quantiles  values          `json:"quantiles"`
}

type dimensions struct {
	ScriptName   provider.Text   `json:"scriptName"`
	BucketName   provider.Text   `json:"bucketName"`
	StorageClass provider.Text   `json:"storageClass"`
	ActionStatus provider.Text   `json:"actionStatus"`
	ActionType   provider.Text   `json:"actionType"`
	DatabaseID   provider.Text   `json:"databaseId"`
	NamespaceID  provider.Text   `json:"namespaceId"`
	ModelID      provider.Text   `json:"modelId"`
	QueueID      provider.Text   `json:"queueId"`
	Date         provider.Text   `json:"date"`
	Datetime     provider.Moment `json:"datetime"`
	DatetimeHour provider.Moment `json:"datetimeHour"`
}

// when is the finest time that the row is grouped by.
func (r *row) when() time.Time {
	if r.Dimensions.Datetime.IsZero() {
		return r.Dimensions.DatetimeHour.Time
	}
	return r.Dimensions.Datetime.Time
}

// datasetSettings is what an account's plan may query of one dataset.
type datasetSettings struct {
	Enabled      provider.Flag   `json:"enabled"`
	MaxDuration  provider.Number `json:"maxDuration"`  // seconds
	NotOlderThan provider.Number `json:"notOlderThan"` // seconds
	MaxPageSize  provider.Number `json:"maxPageSize"`
}

// longest is the longest span of one query, oldest how long ago it may begin; 0 = not told.
func (s *datasetSettings) longest() time.Duration { return seconds(s.MaxDuration) }
func (s *datasetSettings) oldest() time.Duration  { return seconds(s.NotOlderThan) }

func seconds(n provider.Number) time.Duration { return time.Duration(n.Value * float64(time.Second)) }

// reply is the answer to a query over one account.
type reply struct {
	rows     map[string][]row // by alias
	failed   map[string]error // by alias
	lost     map[string]error // by alias: rows that cannot be read
	settings map[string]datasetSettings
}

// graphQL makes one query. An answer that has data for some aliases and errors for others is a success with failures.
func (d *driver) graphQL(ctx context.Context, account, query string) (*reply, error) {
	const op = "query analytics"
	var answer struct {
		Data *struct {
			Viewer *struct {
				Accounts []map[string]json.RawMessage `json:"accounts"`
			} `json:"viewer"`
		} `json:"data"`
		Errors []apiError `json:"errors"`
	}
	_, err := d.api.Do(ctx, httpx.Call{Op: op, Path: "/graphql", Body: map[string]any{
		"query": query, "variables": map[string]string{"accountTag": account},
	}}, httpx.Into(&answer))
	if err != nil {
		return nil, err
	}
	if answer.Data == nil || answer.Data.Viewer == nil || len(answer.Data.Viewer.Accounts) == 0 {
		if len(answer.Errors) == 0 {
			return nil, &cloud.Error{
				Kind: cloud.KindDenied, Op: name + ": " + op, Detail: "the answer has no account " + account, Hint: hintAnalytics,
			}
		}
		return nil, d.refused(op, answer.Errors)
	}
	return d.read(answer.Data.Viewer.Accounts[0], answer.Errors)
}

// read sorts an account's answer by alias.
func (d *driver) read(account map[string]json.RawMessage, errs []apiError) (*reply, error) {
	r := &reply{rows: map[string][]row{}, failed: map[string]error{}, lost: map[string]error{}}
	for alias, raw := range account {
		switch {
		case string(raw) == "null":
		case alias == "settings":
			if err := json.Unmarshal(raw, &r.settings); err != nil {
				return nil, response("query analytics", "settings: %s", err)
			}
		default:
			r.take(alias, raw)
		}
	}
	for i := range errs {
		err := d.refused("query analytics", errs[i:i+1])
		if alias := errs[i].alias(); alias != "" {
			r.failed[alias] = err
		} else if len(r.rows) == 0 {
			return nil, err
		}
	}
	return r, nil
}

// take keeps the rows of one alias. What cannot be read is the alias's own failure.
func (r *reply) take(alias string, raw json.RawMessage) {
	var rows []row
	if json.Unmarshal(raw, &rows) != nil {
		var list provider.List[row]
		err := json.Unmarshal(raw, &list)
		switch {
		case err != nil:
			r.failed[alias] = response("query analytics", "%s: %s", alias, err)
			return
		case list.Odd > 0:
			r.lost[alias] = list.Lost(name + ": query analytics")
		}
		rows = list.Rows
	}
	r.rows[alias] = rows
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
	case says("unauthorized") && e.Extensions.Code == "":
		return reason{cloud.KindAuth, "credential", tokenHelp}
	case e.Extensions.Code == "authz", says("not authorized", "unauthorized"):
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
	why := reasonOf(&apiError{Message: provider.Text(e.Detail)}).why
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
