package vastaisim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	mostPerPage = 25
	rowBytes    = 3500 // about as long as an instance is as JSON
)

// sorting is an element of order_by.
type sorting struct {
	Col string `json:"col"`
	Dir string `json:"dir"`
}

// listing is a call of GET /api/v1/instances/.
type listing struct {
	limit   int
	order   []sorting
	filters []condition
	cols    []string // nil = all
	after   map[string]any
	columns columns
}

// stored are the columns of the contract's own record, which can be filtered and ordered by; all others are computed
// and answer 400.
func stored() []string {
	return []string{
		"id", "actual_status", "intended_status", "cur_state", "next_state", "label", "template_id", "template_hash_id",
		"template_name", "image_uuid", "image_runtype", "machine_id", "host_id", "start_date", "end_date", "gpu_name",
		"verification", "geolocation", "is_bid", "min_bid", "disk_space", "ssh_port",
	}
}

// listingOf reads the parameters.
func listingOf(q url.Values) (*listing, *failure) {
	l := &listing{limit: mostPerPage, columns: columnsOf(reflect.TypeFor[lease]())}
	if s := q.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil, badQuery("invalid_request", "Error in query parameters: limit is not a number")
		}
		if l.limit = min(n, mostPerPage); n <= 0 {
			l.limit = 5
		}
	}
	var filters map[string]json.RawMessage
	var f *failure
	for _, p := range []struct {
		name string
		into any
	}{{"order_by", &l.order}, {"select_filters", &filters}, {"select_cols", &l.cols}} {
		if s := q.Get(p.name); s != "" && json.Unmarshal([]byte(s), p.into) != nil {
			return nil, badQuery("invalid_request", "Error in query parameters: %s is not valid JSON", p.name)
		}
	}
	if l.filters, f = conditionsOf(filters); f != nil {
		return nil, f
	}
	for _, c := range l.filters {
		if !slices.Contains(stored(), c.column) {
			return nil, badQuery("invalid_request", "Error in query parameters: %s is not a valid search key", c.column)
		}
	}
	for _, o := range l.order {
		if !slices.Contains(stored(), o.Col) {
			return nil, badQuery("invalid_request", "Error in query parameters: %s is not a valid order key", o.Col)
		}
	}
	if !slices.ContainsFunc(l.order, func(o sorting) bool { return o.Col == "id" }) {
		l.order = append(l.order, sorting{Col: "id"})
	}
	if slices.Contains(l.cols, "*") {
		l.cols = nil
	}
	return l, l.resume(q.Get("after_token"))
}

// resume reads a token: the base64 of {"values": {"id": 123}}, with each column of the order.
func (l *listing) resume(token string) *failure {
	if token == "" {
		return nil
	}
	bad := badQuery("invalid_token", "Invalid pagination token")
	data, err := base64.StdEncoding.DecodeString(token)
	var t struct {
		Values map[string]any `json:"values"`
	}
	if err != nil || json.Unmarshal(data, &t) != nil {
		return bad
	}
	for _, o := range l.order {
		if _, ok := t.Values[o.Col]; !ok {
			return bad
		}
	}
	l.after = t.Values
	return nil
}

// token names the row after which the next page begins.
func (l *listing) token(k *contract) *string {
	values := map[string]any{}
	for _, o := range l.order {
		values[o.Col] = l.value(k, o.Col)
	}
	data, _ := json.Marshal(map[string]any{"values": values})
	token := base64.StdEncoding.EncodeToString(data)
	return &token
}

func (l *listing) value(k *contract, column string) any {
	v, _ := l.columns.of(reflect.ValueOf(&k.lease).Elem(), column)
	return v
}

// compare orders a row against the values of the order's columns.
func (l *listing) compare(k *contract, with func(column string) any) int {
	for _, o := range l.order {
		n := order(l.value(k, o.Col), with(o.Col))
		if strings.EqualFold(o.Dir, "desc") {
			n = -n
		}
		if n != 0 {
			return n
		}
	}
	return 0
}

// listInstances answers GET /api/v1/instances/.
func (c *cloud) listInstances(r *http.Request) (any, *failure) {
	l, f := listingOf(r.URL.Query())
	if f != nil {
		return nil, f
	}
	rows, labels := c.rows(l)
	first := 0
	if l.after != nil {
		first = sort.Search(len(rows), func(i int) bool {
			return l.compare(rows[i], func(column string) any { return l.after[column] }) > 0
		})
	}
	page := rows[first:min(first+l.limit, len(rows))]
	var next *string
	if n := len(page); n > 0 && first+n < len(rows) {
		next = l.token(page[n-1])
	}
	head, _ := json.Marshal(map[string]any{ // plain data always encodes
		"success": true, "instances_found": len(page), "total_instances": len(rows), "label_counts": labels,
		"next_token": next,
	})
	out := append(make([]byte, 0, len(head)+len(page)*rowBytes), head[:len(head)-1]...)
	out = append(out, `,"instances":[`...)
	now := c.world.Now()
	for i, k := range page {
		if i > 0 {
			out = append(out, ',')
		}
		out = l.encode(out, k, now)
	}
	return raw(append(out, `]}`...)), nil
}

// rows returns what the filters let through, in order, and how many there are of each label.
func (c *cloud) rows(l *listing) ([]*contract, map[string]int) {
	rows, labels := c.contracts, c.labels
	if len(l.filters) > 0 {
		rows, labels = nil, map[string]int{}
		for _, k := range c.contracts {
			if slices.ContainsFunc(l.filters, func(f condition) bool { return !f.holds(l.value(k, f.column)) }) {
				continue
			}
			rows = append(rows, k)
			label, _ := l.value(k, "label").(string)
			labels[label]++
		}
	}
	if len(l.order) == 1 && !strings.EqualFold(l.order[0].Dir, "desc") {
		return rows, labels // contracts are kept by id
	}
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b *contract) int {
		return l.compare(a, func(column string) any { return l.value(b, column) })
	})
	return rows, labels
}

// encode appends a row with its chosen columns. A column that there is not is null.
func (l *listing) encode(out []byte, k *contract, now time.Time) []byte {
	if l.cols == nil {
		return k.encode(out, now)
	}
	var all map[string]json.RawMessage
	_ = json.Unmarshal(k.encode(nil, now), &all) // what was just encoded
	chosen := make(map[string]json.RawMessage, len(l.cols))
	for _, col := range l.cols {
		chosen[col] = all[col]
	}
	row, _ := json.Marshal(chosen)
	return append(out, row...)
}

// showInstance answers GET /api/v0/instances/{id}/: null for an instance that is not the account's.
func (c *cloud) showInstance(r *http.Request) (any, *failure) {
	id, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSuffix(r.URL.Path, "/"), "/api/v0/instances/"))
	if err != nil {
		return nil, failed(http.StatusBadRequest, "invalid_args", "error 400/1782: Invalid args: invalid instance id")
	}
	i, ok := slices.BinarySearchFunc(c.contracts, id, func(k *contract, id int) int { return k.ID - id })
	if !ok {
		return map[string]any{"instances": nil}, nil
	}
	return map[string]any{"instances": json.RawMessage(c.contracts[i].encode(nil, c.world.Now()))}, nil
}

// instanceFilters answers GET /api/v0/instances/filters/, which the official client asks to offer its own filters: each
// combination of status, verification and card that there is.
func (c *cloud) instanceFilters(*http.Request) (any, *failure) {
	type combination struct {
		ActualStatus string `json:"actual_status"`
		Verification string `json:"verification"`
		GPUName      string `json:"gpu_name"`
	}
	seen := map[combination]bool{}
	all := []combination{}
	for _, k := range c.contracts {
		f := combination{k.life.actual, k.Verification, k.GPUName}
		if !seen[f] {
			seen[f] = true
			all = append(all, f)
		}
	}
	return map[string]any{"success": true, "filters": all}, nil
}
