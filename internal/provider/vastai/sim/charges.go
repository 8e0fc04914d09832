package vastaisim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// charge is an element of GET /api/v0/charges/ (show_charges.yaml): a contract, or a part of its price.
type charge struct {
	Start       int64          `json:"start"`
	End         int64          `json:"end"`
	Type        string         `json:"type"`
	Source      *string        `json:"source"`
	Description string         `json:"description"`
	Amount      float64        `json:"amount"`
	Metadata    map[string]any `json:"metadata"`
	Items       []charge       `json:"items"`
	id          int
}

// statement is a call of GET /api/v0/charges/.
type statement struct {
	from, to int64
	types    []string
	limit    int
	latest   bool
	after    int
}

func statementOf(q url.Values) (*statement, *failure) {
	var filters struct {
		Day struct {
			GTE *float64 `json:"gte"`
			LTE *float64 `json:"lte"`
		} `json:"day"`
		Type struct {
			In []string `json:"in"`
		} `json:"type"`
	}
	missing := &failure{
		status: http.StatusBadRequest, Success: new(bool),
		Msg: "Must provide both 'day' gte and lte filters for instance charges",
	}
	if json.Unmarshal([]byte(q.Get("select_filters")), &filters) != nil || filters.Day.GTE == nil || filters.Day.LTE == nil {
		return nil, missing
	}
	s := &statement{from: int64(*filters.Day.GTE), to: int64(*filters.Day.LTE), types: filters.Type.In, latest: true}
	var f *failure
	if s.limit, f = limitOf(q, 100, 500); f != nil {
		return nil, f
	}
	if s.after, f = afterOf(q); f != nil {
		return nil, f
	}
	if format := q.Get("format"); !slices.Contains([]string{"", "table", "tree"}, format) {
		return nil, failed(http.StatusBadRequest, "invalid_args", "format must be table or tree")
	}
	if q.Get("latest_first") == "false" || q.Get("latest_first") == "False" {
		s.latest = false
	}
	return s, nil
}

// listCharges answers GET /api/v0/charges/: what each contract cost in the asked days.
func (c *cloud) listCharges(r *http.Request) (any, *failure) {
	s, f := statementOf(r.URL.Query())
	if f != nil {
		return nil, f
	}
	return paged(c.charges(s), s.after, s.limit), nil
}

// charges returns the contracts that cost something, by id, the newest first unless asked otherwise.
func (c *cloud) charges(s *statement) []charge {
	all := []charge{}
	now := c.world.Now().Unix()
	if len(s.types) == 0 || slices.Contains(s.types, "instance") {
		for _, k := range c.contracts {
			before := len(all)
			if all = s.add(all, now, "instance", k.ID, int64(k.StartDate), k.Instance); len(all) > before {
				k.describe(all[before].Metadata)
			}
		}
	}
	if len(s.types) == 0 || slices.Contains(s.types, "volume") {
		for _, v := range c.volumes {
			all = s.add(all, now, "volume", v.ID, int64(v.StartDate), hourly{Disk: v.StorageTotalCost})
		}
	}
	if s.latest {
		slices.Reverse(all)
	}
	return all
}

// describe adds what a charge tells of its instance, where that is known.
func (k *contract) describe(metadata map[string]any) {
	if k.Label != nil {
		metadata["label"] = *k.Label
	}
	if k.TemplateID != nil {
		metadata["template_id"] = *k.TemplateID
	}
}

func (s *statement) add(all []charge, now int64, kind string, id int, since int64, price hourly) []charge {
	start, end := max(since, s.from), min(now, s.to)
	if end <= start {
		return all
	}
	hours := float64(end-start) / 3600
	source := fmt.Sprintf("%s-%d", kind, id)
	out := charge{
		Start: start, End: end, Type: kind, Source: &source, Metadata: map[string]any{}, Items: []charge{}, id: id,
		Description: fmt.Sprintf("%s %d Charges - %.0f days", map[string]string{"instance": "Instance", "volume": "Volume"}[kind], id,
			(time.Duration(end-start)*time.Second).Hours()/24),
	}
	sum := 0.0
	for _, part := range []struct {
		kind  string
		price float64
	}{{"gpu", price.GPU}, {"disk", price.Disk}} {
		if part.price > 0 {
			sum += hours * part.price
			out.Items = append(out.Items, charge{
				Start: start, End: end, Type: part.kind, Amount: round(hours*part.price, 3), Metadata: map[string]any{},
				Items: []charge{}, Description: fmt.Sprintf("%.3f hours at $%.3f/hour", hours, part.price),
			})
		}
	}
	out.Amount = round(sum, 3)
	return append(all, out)
}
