package cloudflaresim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// queryError is an error of the GraphQL API: of a whole query, or of the part that path leads to.
type queryError struct {
	status  int // 200 where the answer itself succeeds
	message string
	path    []string
	code    string // "authz": the credential or the plan does not allow it
}

func (e *queryError) Error() string { return e.message }

func badQuery(format string, args ...any) *queryError {
	return &queryError{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

// refuse answers a query with an error and no data.
func (c *cloudflare) refuse(w http.ResponseWriter, status int, e *queryError) {
	extensions := map[string]any{"timestamp": c.world.Now().Format(time.RFC3339Nano)}
	if e.code != "" {
		extensions["code"] = e.code
	}
	var path any
	if e.path != nil {
		path = e.path
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encode(map[string]any{"data": nil, "errors": []any{
		map[string]any{"message": e.message, "path": path, "extensions": extensions},
	}}))
}

// graphQL answers POST /graphql.
func (c *cloudflare) graphQL(w http.ResponseWriter, r *http.Request) {
	now := c.world.Now()
	user, _ := authenticate(r)
	if _, reset, ok := c.queries.take(user, now); !ok {
		c.queries.refuse(w.Header(), now, reset)
		c.Fail(w, r, http.StatusTooManyRequests)
		return
	}
	var request struct {
		Query         string         `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&request); err != nil {
		c.refuse(w, http.StatusBadRequest, badQuery("error parsing args: %s", err))
		return
	}
	doc, err := parse(request.Query)
	if err != nil {
		c.refuse(w, http.StatusBadRequest, badQuery("%s", err))
		return
	}
	op := doc.operations[0]
	if i := slices.IndexFunc(doc.operations, func(o *operation) bool { return o.name == request.OperationName }); i >= 0 {
		op = doc.operations[i]
	}
	data, bad := c.run(op, request.Variables, tokenOwner(r), now)
	if bad != nil {
		c.refuse(w, bad.status, bad)
		return
	}
	_, _ = w.Write(data)
}

// run answers an operation: {"data":{"viewer":{"accounts":[...]}},"errors":null}.
func (c *cloudflare) run(op *operation, variables map[string]any, owner string, now time.Time) ([]byte, *queryError) {
	if bad := op.bind(variables); bad != nil {
		return nil, bad
	}
	var b bytes.Buffer
	b.WriteString(`{"data":{`)
	for i, f := range op.fields {
		comma(&b, i, f.alias)
		switch f.name {
		case "cost":
			b.WriteString("1")
		case "viewer":
			if bad := c.viewer(&b, f, owner, now); bad != nil {
				return nil, bad
			}
		default:
			return nil, unknownField(f.name)
		}
	}
	b.WriteString(`},"errors":null}`)
	return b.Bytes(), nil
}

func comma(b *bytes.Buffer, i int, name string) {
	if i > 0 {
		b.WriteByte(',')
	}
	b.WriteString(`"` + name + `":`)
}

func unknownField(name string) *queryError { return badQuery("unknown field %q", name) }

func (c *cloudflare) viewer(b *bytes.Buffer, viewer *field, owner string, now time.Time) *queryError {
	b.WriteByte('{')
	for i, f := range viewer.fields {
		comma(b, i, f.alias)
		switch f.name {
		case "budget":
			b.WriteString("1000")
		case "accounts":
			filter, _ := f.args["filter"].(map[string]any)
			id, _ := filter["accountTag"].(string)
			a := c.find(id)
			if a == nil || owner != "" && a != c.accounts[0] || a.denied["/graphql"] {
				return &queryError{
					status: http.StatusOK, message: "not authorized for that account", path: []string{}, code: "authz",
				}
			}
			b.WriteByte('[')
			if bad := a.query(b, f, now); bad != nil {
				return bad
			}
			b.WriteByte(']')
		default:
			return unknownField(f.name)
		}
	}
	b.WriteByte('}')
	return nil
}

// query answers the parts of one account.
func (a *account) query(b *bytes.Buffer, accounts *field, now time.Time) *queryError {
	known := allDatasets()
	b.WriteByte('{')
	for i, f := range accounts.fields {
		comma(b, i, f.alias)
		if f.name == "settings" {
			if bad := a.settings(b, f, known); bad != nil {
				return bad
			}
			continue
		}
		if f.name == "accountTag" {
			b.WriteString(`"` + a.ID + `"`)
			continue
		}
		ds := known[f.name]
		if ds == nil {
			return unknownField(f.name)
		}
		if bad := a.part(b, ds, f, now); bad != nil {
			bad.path = []string{"viewer", "accounts", "0", f.alias}
			return bad
		}
	}
	b.WriteByte('}')
	return nil
}

// allowed is what a plan may query of a dataset.
type allowed struct {
	Enabled         bool     `json:"enabled"`
	MaxDuration     int64    `json:"maxDuration"`
	MaxFields       int64    `json:"maxNumberOfFields"`
	MaxPageSize     int64    `json:"maxPageSize"`
	NotOlderThan    int64    `json:"notOlderThan"`
	AvailableFields []string `json:"availableFields"`
}

const secondsPerDay = 24 * 60 * 60

// allows returns what the account's plan permits: a free plan less long ago, and fewer fields.
func (a *account) allows(ds *dataset) allowed {
	v := allowed{
		Enabled: !a.disabled[ds.name], MaxDuration: 32 * secondsPerDay, MaxFields: 50, MaxPageSize: 10_000,
		NotOlderThan: 92 * secondsPerDay, AvailableFields: ds.fieldNames(),
	}
	if a.free {
		v.MaxDuration, v.NotOlderThan, v.MaxFields = 32*secondsPerDay, 32*secondsPerDay, 30
	}
	return v
}

func (a *account) settings(b *bytes.Buffer, settings *field, known map[string]*dataset) *queryError {
	b.WriteByte('{')
	for i, f := range settings.fields {
		ds := known[f.name]
		if ds == nil {
			return unknownField(f.name)
		}
		var all map[string]json.RawMessage
		_ = json.Unmarshal(encode(a.allows(ds)), &all)
		comma(b, i, f.alias)
		b.WriteByte('{')
		for i, s := range f.fields {
			if all[s.name] == nil {
				return unknownField(s.name)
			}
			comma(b, i, s.alias)
			b.Write(all[s.name])
		}
		b.WriteByte('}')
	}
	b.WriteByte('}')
	return nil
}

// part answers one dataset, within what the plan permits.
func (a *account) part(b *bytes.Buffer, ds *dataset, f *field, now time.Time) *queryError {
	plan := a.allows(ds)
	if !plan.Enabled {
		return &queryError{
			status: http.StatusOK, code: "authz", message: fmt.Sprintf("account '%s' does not have access to the path", a.ID),
		}
	}
	q, bad := newGroupQuery(ds, f, now)
	if bad != nil {
		return bad
	}
	switch {
	case q.limit <= 0 || q.limit > int(plan.MaxPageSize):
		return badQuery("limit must be positive number and not greater than %d", plan.MaxPageSize)
	case len(q.columns) > int(plan.MaxFields):
		return badQuery("number of fields can't be more than %d", plan.MaxFields)
	case !q.from.IsZero() && now.Sub(q.from) > time.Duration(plan.NotOlderThan)*time.Second:
		return badQuery("cannot request data older than %ds", plan.NotOlderThan)
	case !q.from.IsZero() && q.until(now).Sub(q.from) > time.Duration(plan.MaxDuration)*time.Second:
		return badQuery("query time range is too large, it can't be wider than %ds", plan.MaxDuration)
	}
	if q.from.IsZero() {
		q.from = now.Add(-24 * time.Hour)
	}
	q.write(b, q.groups(a.uses[ds.uses], now))
	return nil
}

// bind puts values in the places of variables.
func (op *operation) bind(values map[string]any) (bad *queryError) {
	declared := map[string]any{}
	for _, v := range op.variables {
		value, given := values[v.name]
		if !given {
			value = v.fallback
		}
		if value == nil && strings.HasSuffix(v.kind, "!") {
			return badQuery("variable %q is required", v.name)
		}
		declared[v.name] = value
	}
	var errs []error
	var resolve func(v any) any
	resolve = func(v any) any {
		switch v := v.(type) {
		case reference:
			value, ok := declared[string(v)]
			if !ok {
				errs = append(errs, fmt.Errorf("variable %q is not declared", string(v)))
			}
			return value
		case []any:
			for i := range v {
				v[i] = resolve(v[i])
			}
		case map[string]any:
			for k := range v {
				v[k] = resolve(v[k])
			}
		}
		return v
	}
	var walk func(fields []*field)
	walk = func(fields []*field) {
		for _, f := range fields {
			for k, v := range f.args {
				f.args[k] = resolve(v)
			}
			walk(f.fields)
		}
	}
	walk(op.fields)
	if len(errs) > 0 {
		return badQuery("%s", errors.Join(errs...))
	}
	return nil
}
