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
)

// row is one group of a dataset's answer. Every part but dimensions' own fields may be null; a null reading is nil.
type row struct {
	Count      *float64   `json:"count"`
	Dimensions dimensions `json:"dimensions"`
	Sum        values     `json:"sum"`
	Max        values     `json:"max"`
	Avg        values     `json:"avg"`
	Quantiles  values     `json:"quantiles"`
}

type dimensions struct {
	ScriptName   string `json:"scriptName"`
	BucketName   string `json:"bucketName"`
	StorageClass string `json:"storageClass"`
	ActionStatus string `json:"actionStatus"`
	ActionType   string `json:"actionType"`
	DatabaseID   string `json:"databaseId"`
	NamespaceID  string `json:"namespaceId"`
	ModelID      string `json:"modelId"`
	QueueID      string `json:"queueId"`
	Date         string `json:"date"`
	Datetime     stamp  `json:"datetime"`
	DatetimeHour stamp  `json:"datetimeHour"`
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
	Enabled      bool  `json:"enabled"`
	MaxDuration  int64 `json:"maxDuration"`  // seconds
	NotOlderThan int64 `json:"notOlderThan"` // seconds
	MaxPageSize  int64 `json:"maxPageSize"`
}

// reply is the answer to a query over one account.
type reply struct {
	rows     map[string][]row // by alias
	failed   map[string]error // by alias
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
	empty := answer
	_, err := d.api.Do(ctx, httpx.Call{Op: op, Path: "/graphql", Body: map[string]any{
		"query": query, "variables": map[string]string{"accountTag": account},
	}}, func(dec *json.Decoder) error {
		answer = empty
		return dec.Decode(&answer)
	})
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
	r := &reply{rows: map[string][]row{}, failed: map[string]error{}}
	for alias, raw := range account {
		if string(raw) == "null" {
			continue
		}
		var err error
		if alias == "settings" {
			err = json.Unmarshal(raw, &r.settings)
		} else {
			var rows []row
			err = json.Unmarshal(raw, &rows)
			r.rows[alias] = rows
		}
		if err != nil {
			return nil, &cloud.Error{
				Kind: cloud.KindResponse, Op: name + ": query analytics", Detail: alias + ": " + err.Error(), Err: err,
			}
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

// alias is the part of the query that an error is about: the path ends in it, or goes on into its rows.
func (e *apiError) alias() string {
	for i, part := range e.Path {
		if i > 0 && e.Path[i-1] == "accounts" || i > 1 && e.Path[i-2] == "accounts" {
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
			if strings.Contains(strings.ToLower(e.Message), p) {
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
	why := reasonOf(&apiError{Message: e.Detail}).why
	if e.Kind == cloud.KindDenied {
		why = "permission"
	}
	return &cloud.Error{
		Kind: cloud.KindPartial, Op: name + ": read " + dataset, Hint: e.Hint, Err: e,
		Detail: fmt.Sprintf("no data (%s): %s", why, e.Message()),
	}
}
