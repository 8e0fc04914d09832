package azuresim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	graphPage = 1000 // the default and the most
	// firstWithObjects is the first version whose answers are lists of objects by default (work-with-data).
	firstWithObjects = "2020-04-01"
)

var guidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// graphRequest is armresourcegraph's QueryRequest.
type graphRequest struct {
	Subscriptions    []string `json:"subscriptions"`
	ManagementGroups []string `json:"managementGroups"`
	Query            string   `json:"query"`
	Facets           []facet  `json:"facets"`
	Options          struct {
		SkipToken    string `json:"$skipToken"`
		Top          *int   `json:"$top"`
		Skip         int    `json:"$skip"`
		ResultFormat string `json:"resultFormat"`
	} `json:"options"`
}

// graphProblem is an error of Resource Graph, whose outer message only says whom to ask.
func (c *cloud) graphProblem(status int, code, message string) *problem {
	outer := "BadRequest"
	if status == http.StatusTooManyRequests {
		outer = "RateLimiting"
	}
	return &problem{
		status, outer, fmt.Sprintf("Please provide below info when asking for support: timestamp = %s, correlationId = %s.",
			c.world.Now().Format(time.RFC3339Nano), c.object), []detail{{code, message}},
	}
}

func (c *cloud) serveGraph(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		notAllowed(r).write(w)
		return
	}
	if p := checkVersion(r.URL.Query()); p != nil {
		p.write(w)
		return
	}
	left, reset := c.graph.count(c.world.Now())
	seconds := int((reset + time.Second - 1) / time.Second)
	w.Header().Set("X-Ms-User-Quota-Remaining", strconv.Itoa(max(left, 0)))
	w.Header().Set("X-Ms-User-Quota-Resets-After", fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60))
	if left < 0 {
		c.Fail(w, r, http.StatusTooManyRequests)
		return
	}
	var req graphRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&req); err != nil {
		c.graphProblem(http.StatusBadRequest, "InvalidRequestBody", "The request body is not valid JSON.").write(w)
		return
	}
	if req.Options.ResultFormat == "" && r.URL.Query().Get("api-version") < firstWithObjects {
		req.Options.ResultFormat = "table"
	}
	data, p := c.query(&req)
	if p != nil {
		p.write(w)
		return
	}
	write(w, http.StatusOK, data)
}

// query answers a request. Subscriptions that the principal may not read are left out in silence, unless there is no
// other.
func (c *cloud) query(req *graphRequest) ([]byte, *problem) {
	bad := func(code, message string) ([]byte, *problem) {
		return nil, c.graphProblem(http.StatusBadRequest, code, message)
	}
	scope, p := c.scope(req.Subscriptions)
	if p != nil {
		return nil, p
	}
	top := graphPage
	if req.Options.Top != nil {
		top = *req.Options.Top
	}
	format := strings.ToLower(req.Options.ResultFormat)
	switch {
	case strings.TrimSpace(req.Query) == "":
		return bad("InvalidQuery", "The query is empty.")
	case top < 1 || top > graphPage:
		return bad("InvalidTopValue", fmt.Sprintf("The value of $top must be between 1 and %d.", graphPage))
	case format != "" && format != "objectarray" && format != "table":
		return bad("InvalidResultFormat", "The result format '"+req.Options.ResultFormat+"' is not known.")
	}
	c.mu.Lock() // of the result, whose rows are made while they are written
	defer c.mu.Unlock()
	t, p := c.execute(req.Query, scope)
	if p != nil {
		return nil, p
	}
	mark := fingerprint(req.Query, scope)
	from := req.Options.Skip
	if s := req.Options.SkipToken; s != "" {
		n, ok := readToken(s, mark)
		if !ok {
			return bad("InvalidSkipToken", "The $skipToken does not belong to this query.")
		}
		from = n
	}
	from = min(max(from, 0), len(t.rows))
	to := min(from+top, len(t.rows))
	next := ""
	if to < len(t.rows) && !t.limited {
		next = writeToken(to, mark)
	}
	return t.page(from, to, next, format == "table", t.facets(req.Facets, format == "table")), nil
}

// scope returns the subscriptions to query: those asked for that may be read, or all that may be.
func (c *cloud) scope(asked []string) ([]*subscription, *problem) {
	var out []*subscription
	for _, id := range asked {
		if !guidForm.MatchString(id) {
			return nil, c.graphProblem(http.StatusBadRequest, "SubscriptionsContainInvalidGuids", "One or more subscriptions are not valid GUIDs: '"+id+"'.")
		}
	}
	for _, s := range c.subscriptions {
		wanted := len(asked) == 0 || slices.ContainsFunc(asked, func(id string) bool { return strings.EqualFold(id, s.id) })
		if wanted && !s.denied {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, c.graphProblem(http.StatusBadRequest, "NoValidSubscriptionsInQueryRequest", fmt.Sprintf(
			"There must be at least one subscription that is eligible to contain resources. Given: '%s'.", strings.Join(asked, "', '")))
	}
	return out, nil
}

// execute runs a query, or takes the result of the one before where it was the same: pages come one after the other.
// The caller holds c.mu.
func (c *cloud) execute(text string, scope []*subscription) (*table, *problem) {
	key := fingerprint(text, scope)
	if c.asked == key {
		return c.answer, nil
	}
	q, err := parse(text)
	if err != nil {
		p := c.graphProblem(http.StatusBadRequest, "InvalidQuery", "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.")
		p.details = append(p.details, detail{"ParserFailure", err.Error()})
		return nil, p
	}
	t, err := q.run(func(name string) ([]*record, error) { return c.records(name, scope) })
	if err != nil {
		return nil, c.graphProblem(http.StatusBadRequest, "InvalidQuery", err.Error())
	}
	c.asked, c.answer = key, t
	return t, nil
}

// records are the rows of a table.
func (c *cloud) records(name string, scope []*subscription) ([]*record, error) {
	var out []*record
	switch strings.ToLower(name) {
	case "resources":
		for _, r := range c.resources {
			if slices.Contains(scope, r.sub) {
				out = append(out, &record{resource: r, tenant: c.tenant})
			}
		}
	case "resourcecontainers":
		for _, s := range scope {
			out = append(out, &record{subscription: s, tenant: c.tenant})
			for _, g := range s.groups {
				out = append(out, &record{subscription: s, group: g, tenant: c.tenant})
			}
		}
	default:
		return nil, &unresolved{name}
	}
	return out, nil
}

// page writes rows from..to.
func (t *table) page(from, to int, next string, asTable bool, facets []any) []byte {
	out := fmt.Appendf(make([]byte, 0, 1<<10*(to-from+1)), `{"totalRecords":%d,"count":%d,"data":`, len(t.rows), to-from)
	out = t.appendRows(out, from, to, asTable)
	out = append(append(out, `,"facets":`...), sim.AppendJSON(nil, facets)...)
	out = append(out, `,"resultTruncated":"false"`...)
	if next != "" {
		out = append(out, `,"$skipToken":"`...)
		out = append(append(out, next...), '"')
	}
	return append(out, '}')
}

// appendRows writes rows as objects, or as a table.
func (t *table) appendRows(out []byte, from, to int, asTable bool) []byte {
	if asTable {
		return t.appendTable(out, from, to)
	}
	out = append(out, '[')
	for i, r := range t.rows[from:to] {
		if i > 0 {
			out = append(out, ',')
		}
		out = t.write(out, r)
	}
	return append(out, ']')
}

// appendTable writes {"columns":[{"name","type"}],"rows":[[...]]}.
func (t *table) appendTable(out []byte, from, to int) []byte {
	columns := []map[string]string{}
	for _, n := range t.names {
		kind := "string"
		for _, r := range t.rows[from:to] {
			switch t.evals[n](r).(type) {
			case map[string]any, map[string]string, []any:
				kind = "object"
			case int, int64, float64:
				kind = "integer"
			case bool:
				kind = "boolean"
			}
		}
		columns = append(columns, map[string]string{"name": n, "type": kind})
	}
	rows := [][]any{}
	for _, r := range t.rows[from:to] {
		row := []any{}
		for _, n := range t.names {
			row = append(row, t.evals[n](r))
		}
		rows = append(rows, row)
	}
	return append(out, sim.AppendJSON(nil, map[string]any{"columns": columns, "rows": rows})...)
}

func fingerprint(text string, scope []*subscription) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	for _, s := range scope {
		_, _ = h.Write([]byte(s.id))
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

func writeToken(from int, mark string) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s.%d", mark, from))
}

func readToken(token, mark string) (int, bool) {
	data, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	of, at, _ := strings.Cut(string(data), ".")
	n, err := strconv.Atoi(at)
	return n, err == nil && of == mark
}
