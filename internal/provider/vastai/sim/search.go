package vastaisim

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultOffers = 64   // the default limit is not published
	mostOffers    = 3000 // what clients ask for to get all
	defaultDiskGB = 8    // allocated_storage (search_offers.yaml)
)

// search is the body of a search: conditions by column, and these.
type search struct {
	kind       string
	limit      int
	diskGB     float64
	order      [][2]string
	conditions []condition
}

// searchBundles answers POST /api/v0/bundles/.
func (c *cloud) searchBundles(r *http.Request) (any, *failure) {
	var body map[string]json.RawMessage
	data, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(data, &body) != nil {
		return nil, badQuery("invalid_request", "Invalid json body")
	}
	return c.find(body)
}

// searchAsks answers PUT /api/v0/search/asks/, which the official client uses with --new: the same search in "q".
func (c *cloud) searchAsks(r *http.Request) (any, *failure) {
	var body struct {
		Cols []string                   `json:"select_cols"`
		Q    map[string]json.RawMessage `json:"q"`
	}
	data, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(data, &body) != nil {
		return nil, badQuery("invalid_request", "Invalid json body")
	}
	return c.find(body.Q)
}

func (c *cloud) find(body map[string]json.RawMessage) (any, *failure) {
	s, f := searchOf(body)
	if f != nil {
		return nil, f
	}
	all := columnsOf(reflect.TypeFor[offer]())
	for _, cond := range s.conditions {
		if _, ok := new(offer).column(all, cond.column); !ok {
			return nil, badQuery("invalid_request", "Error in query parameters: %s is not a valid search key", cond.column)
		}
	}
	found := c.matching(s, all)
	for _, o := range s.order {
		if _, ok := new(offer).column(all, o[0]); !ok {
			return nil, badQuery("invalid_request", "Error in query parameters: %s is not a valid order key", o[0])
		}
	}
	slices.SortStableFunc(found, func(a, b *offer) int { return s.compare(all, a, b) })
	return map[string]any{"offers": found[:min(len(found), s.limit)]}, nil
}

// matching returns the offers that meet every condition, by id.
func (c *cloud) matching(s *search, all columns) []*offer {
	now := float64(c.world.Now().Unix())
	found := []*offer{}
	for _, m := range c.machines {
		for _, a := range m.asks {
			o := a.priced(s.kind, s.diskGB, now)
			if o != nil && o.DiskSpace >= s.diskGB && s.met(all, o) {
				found = append(found, o)
			}
		}
	}
	return found
}

func (s *search) met(all columns, o *offer) bool {
	for i := range s.conditions {
		cond := &s.conditions[i]
		if cond.column == "rented" && (cond.op != "eq" || cond.operand == true) {
			continue // true adds the machines that one rents already; it takes none away
		}
		if value, _ := o.column(all, cond.column); !cond.holds(value) {
			return false
		}
	}
	return true
}

func (s *search) compare(all columns, a, b *offer) int {
	for _, o := range s.order {
		x, _ := a.column(all, o[0])
		y, _ := b.column(all, o[0])
		n := order(x, y)
		if strings.EqualFold(o[1], "desc") {
			n = -n
		}
		if n != 0 {
			return n
		}
	}
	return a.ID - b.ID
}

// searchOf reads a search. Without a condition on it, only what is rentable is found.
func searchOf(body map[string]json.RawMessage) (*search, *failure) {
	s := &search{kind: "on-demand", limit: defaultOffers, diskGB: defaultDiskGB}
	filters := map[string]json.RawMessage{"rentable": json.RawMessage(`{"eq":true}`)}
	for name, data := range body {
		var err error
		switch name {
		case "type":
			err = json.Unmarshal(data, &s.kind)
		case "limit":
			err = json.Unmarshal(data, &s.limit)
		case "order":
			err = json.Unmarshal(data, &s.order)
		case "allocated_storage":
			err = json.Unmarshal(data, &s.diskGB)
		case "disable_bundling":
		case "gpu_name":
			filters[name] = []byte(strings.ReplaceAll(string(data), "_", " ")) // RTX_4090 means the same as RTX 4090
		default:
			filters[name] = data
		}
		if err != nil {
			return nil, badQuery("invalid_request", "Error in query parameters: %s has a wrong type", name)
		}
	}
	if s.kind == "ondemand" {
		s.kind = "on-demand"
	}
	if !slices.Contains([]string{"on-demand", "bid", "reserved"}, s.kind) {
		return nil, badQuery("invalid_request", "Error in query parameters: %s is not a valid type", s.kind)
	}
	if s.limit = min(s.limit, mostOffers); s.limit < 0 {
		return nil, badQuery("invalid_request", "Error in query parameters: limit must not be negative")
	}
	var f *failure
	s.conditions, f = conditionsOf(filters)
	for i := range s.conditions {
		if c := &s.conditions[i]; c.column == "driver_version" {
			c.operand = driverNumber(c.operand)
		}
	}
	return s, f
}

// driverNumber is a driver's version as offers have it in driver_vers: 535086005 is 535.86.05. Searches tell it either
// way: the page shows the version, the official client sends the number. What is neither stays as it is.
func driverNumber(v any) any {
	s, _ := v.(string)
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return v
	}
	number := 0.0
	for _, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return v
		}
		number = number*1000 + float64(n)
	}
	return number
}
