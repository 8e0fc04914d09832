package oraclesim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	mostStreams = 2000
	mostPoints  = 100000
	// metricDelay is how late the newest point is.
	metricDelay = time.Minute
	metricDays  = 7 // of one-minute data
)

// summarizeDetails is SummarizeMetricsDataDetails of monitoring 20180401.
type summarizeDetails struct {
	Namespace     string     `json:"namespace"`
	Query         string     `json:"query"`
	ResourceGroup *string    `json:"resourceGroup"`
	StartTime     *time.Time `json:"startTime"`
	EndTime       *time.Time `json:"endTime"`
	Resolution    *string    `json:"resolution"`
}

// summarize answers SummarizeMetricsData: 10 calls a second for the tenancy in one region.
func (c *cloud) summarize(w http.ResponseWriter, r *http.Request, at *region) *fault {
	if _, ok := c.metricCalls.Allow(at.name, time.Now()); !ok {
		return faultOf(http.StatusTooManyRequests)
	}
	only, f := c.measured(r)
	if f != nil {
		return f
	}
	var d summarizeDetails
	if f := decodeBody(r, &d); f != nil {
		return f
	}
	s, f := c.summary(&d)
	if f != nil {
		return f
	}
	s.emit(c, at, only)
	writeRaw(w, http.StatusOK, append(s.out, ']'))
	return nil
}

func decodeBody(r *http.Request, v any) *fault {
	in := json.NewDecoder(r.Body)
	in.DisallowUnknownFields()
	if err := in.Decode(v); err != nil {
		return &fault{http.StatusBadRequest, "CannotParseRequest", "Incorrectly formatted request: " + err.Error()}
	}
	return nil
}

// measured returns the compartment to read, nil for the whole tenancy.
func (c *cloud) measured(r *http.Request) (*compartment, *fault) {
	if f := known(r, "compartmentId", "compartmentIdInSubtree"); f != nil {
		return nil, f
	}
	k, f := c.readable(r)
	if f != nil {
		return nil, f
	}
	if r.URL.Query().Get("compartmentIdInSubtree") != "true" {
		return k, nil
	}
	if k.parent != nil {
		return nil, invalid("compartmentIdInSubtree can only be set to true when compartmentId is the tenancy OCID")
	}
	return nil, nil
}

// summary is an answer in the making.
type summary struct {
	space      *namespace
	metric     *metric
	query      query
	from, to   time.Time
	resolution time.Duration
	newest     time.Time // of the raw points
	steps      []step    // that have a point

	out             []byte
	streams, points int
}

// step is one step of the resolution.
type step struct {
	first time.Time // of the raw points in its interval
	n     int       // of them
	text  string    // {"timestamp":"...","value": as the point begins
}

func (c *cloud) summary(d *summarizeDetails) (*summary, *fault) {
	q, err := parseQuery(d.Query)
	if err != nil {
		return nil, invalid("query '%s': %s", d.Query, err)
	}
	now := c.world.Now()
	s := &summary{query: q, from: now.Add(-3 * time.Hour), to: now, resolution: time.Minute, out: []byte{'['}}
	if d.StartTime != nil {
		s.from = d.StartTime.UTC()
	}
	if d.EndTime != nil {
		s.to = d.EndTime.UTC()
	}
	if d.Resolution != nil {
		if s.resolution, err = parseInterval(*d.Resolution); err != nil {
			return nil, invalid("resolution: %s", err)
		}
	}
	switch {
	case d.Namespace == "":
		return nil, missing("namespace")
	case !s.from.Before(s.to):
		return nil, invalid("startTime must be before endTime")
	case s.resolution > q.interval:
		return nil, invalid("The resolution must be equal to or less than the interval in the query")
	case q.interval < 5*time.Minute && now.Sub(s.from) > metricDays*24*time.Hour:
		return nil, invalid("1-minute data is kept for %d days", metricDays)
	}
	s.from = s.from.Truncate(time.Minute)
	if s.space, s.metric = c.metric(d.Namespace, q.metric); s.metric != nil {
		s.newest = newestPoint(s.metric, now)
		s.cut()
	}
	return s, nil
}

// newestPoint is the time of the newest raw point that can be read.
func newestPoint(m *metric, now time.Time) time.Time { return now.Add(-metricDelay).Truncate(m.step) }

// emit writes every stream. Nothing is known of other namespaces and metrics: no stream at all.
func (s *summary) emit(c *cloud, at *region, only *compartment) {
	if s.metric == nil {
		return
	}
	var kept []emitter
	for _, e := range s.space.emitters(c, at) {
		if (only == nil || e.compartment == only) && s.passes(&e) {
			kept = append(kept, e)
		}
	}
	s.out = slices.Grow(s.out, min(len(kept), mostStreams)*760)
	if !s.query.all && (len(s.query.groupBy) == 0 || s.alone()) {
		for i := range kept {
			s.stream(kept[i:i+1], s.query.groupBy)
		}
		return
	}
	index := map[string]int{}
	var groups [][]emitter
	for _, e := range kept {
		var key strings.Builder
		for _, d := range s.query.groupBy {
			key.WriteString(e.dimension(d) + "\x00")
		}
		i, ok := index[key.String()]
		if !ok {
			i = len(groups)
			index[key.String()] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], e)
	}
	for _, g := range groups {
		s.stream(g, s.query.groupBy)
	}
}

// alone reports whether the grouping is by what each stream has for itself.
func (s *summary) alone() bool {
	return slices.Contains(s.query.groupBy, "resourceId") && s.space.name != "gpu_infrastructure_health"
}

func (s *summary) passes(e *emitter) bool {
	for i := range s.query.filters {
		f := &s.query.filters[i]
		if !slices.Contains(s.space.dimensions, f.dimension) || !f.matches(e.dimension(f.dimension)) {
			return false
		}
	}
	return true
}

// stream appends a MetricData, unless it has no point or the answer is full.
func (s *summary) stream(of []emitter, groupBy []string) {
	if s.streams >= mostStreams || s.points >= mostPoints {
		return
	}
	mark, b := len(s.out), s.out
	if s.streams > 0 {
		b = append(b, ',')
	}
	b = appendAll(b, `{"namespace":"`, s.space.name, `","resourceGroup":null,"compartmentId":"`, of[0].compartment.id,
		`","name":"`, s.metric.name, `","dimensions":{`)
	names := groupBy
	if names == nil && !s.query.all {
		names = s.space.dimensions
	}
	for i, d := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendAll(b, `"`, d, `":`)
		b = sim.AppendText(b, of[0].dimension(d))
	}
	b = appendAll(b, `},"metadata":{"displayName":"`, s.metric.display, `","unit":"`, s.metric.unit, `"},"aggregatedDatapoints":[`)
	b, n := s.appendPoints(b, of)
	if n == 0 {
		s.out = s.out[:mark]
		return
	}
	s.out = append(b, "]}"...)
	s.streams++
	s.points += n
}

// appendPoints appends a point for every step.
func (s *summary) appendPoints(b []byte, of []emitter) ([]byte, int) {
	n := 0
	waves := make([]sim.Wave, len(of))
	for i := range of {
		waves[i] = s.metric.of(&of[i])
	}
	raw := make([]float64, 0, 16)
	for _, at := range s.steps {
		if s.points+n >= mostPoints {
			break
		}
		raw = raw[:0]
		for i := range of {
			for j := range at.n {
				raw = append(raw, s.metric.round(waves[i].At(at.first.Add(time.Duration(j)*s.metric.step))))
			}
		}
		if n > 0 {
			b = append(b, ',')
		}
		b = append(b, at.text...)
		b = strconv.AppendFloat(b, s.query.value(raw), 'f', -1, 64)
		b = append(b, '}')
		n++
	}
	return b, n
}

// cut finds the steps of the resolution that have raw points in their interval, no more than an answer may have.
func (s *summary) cut() {
	for t := s.from; t.Before(s.to) && len(s.steps) < mostPoints; t = t.Add(s.resolution) {
		at := step{first: ceil(t, s.metric.step)}
		end := t.Add(s.query.interval)
		for raw := at.first; raw.Before(end) && !raw.After(s.newest); raw = raw.Add(s.metric.step) {
			at.n++
		}
		if at.n > 0 {
			at.text = `{"timestamp":"` + t.Format(time.RFC3339) + `","value":`
			s.steps = append(s.steps, at)
		}
	}
}

// ceil returns the first multiple of step that is not before t.
func ceil(t time.Time, step time.Duration) time.Time {
	down := t.Truncate(step)
	if down.Before(t) {
		return down.Add(step)
	}
	return down
}

// listMetrics answers ListMetrics: the definitions that the region's resources emit.
func (c *cloud) listMetrics(w http.ResponseWriter, r *http.Request, at *region) *fault {
	q := r.URL.Query()
	if f := known(r, "compartmentId", "compartmentIdInSubtree", "limit", "page"); f != nil {
		return f
	}
	k, f := c.readable(r)
	if f != nil {
		return f
	}
	var d struct {
		Namespace, Name  string
		DimensionFilters map[string]string
		GroupBy          []string
		ResourceGroup    *string
		SortBy           string
		SortOrder        string
	}
	if f := decodeBody(r, &d); f != nil {
		return f
	}
	everywhere := q.Get("compartmentIdInSubtree") == "true"
	if everywhere && k.parent != nil {
		return invalid("compartmentIdInSubtree can only be set to true when compartmentId is the tenancy OCID")
	}
	var out []object
	seen := map[string]bool{}
	for _, space := range c.spaces {
		for _, e := range space.emitters(c, at) {
			if d.Namespace != "" && d.Namespace != space.name || !everywhere && e.compartment != k {
				continue
			}
			for _, m := range space.metrics {
				if d.Name != "" && d.Name != m.name || len(d.GroupBy) == 0 && !space.has(&e, d.DimensionFilters) {
					continue
				}
				o := grouped(space.definition(&m, &e), d.GroupBy)
				key := fmt.Sprint(d.GroupBy, o)
				if len(d.GroupBy) > 0 && seen[key] {
					continue
				}
				seen[key] = true
				out = append(out, o)
			}
		}
	}
	if d.SortBy != "" || d.SortOrder != "" {
		sortMetrics(out, d.SortBy, d.SortOrder)
	}
	return paged(c, w, r, out)
}

// has reports whether the dimensions of an emitter are those that are asked for.
func (n *namespace) has(e *emitter, dimensions map[string]string) bool {
	for d, want := range dimensions {
		if !slices.Contains(n.dimensions, d) || e.dimension(d) != want {
			return false
		}
	}
	return true
}

// grouped keeps the fields that a list of metrics is grouped by; all where there are none.
func grouped(o object, by []string) object {
	if len(by) == 0 {
		return o
	}
	out := object{"compartmentId": nil, "namespace": nil, "name": nil, "resourceGroup": nil, "dimensions": nil}
	for _, field := range by {
		out[field] = o[field]
	}
	return out
}

// sortMetrics orders a list of metrics by NAMESPACE, NAME (the default) or RESOURCEGROUP.
func sortMetrics(all []object, by, order string) {
	field := map[string]string{"NAMESPACE": "namespace", "RESOURCEGROUP": "resourceGroup"}[strings.ToUpper(by)]
	field = cmp.Or(field, "name")
	slices.SortStableFunc(all, func(a, b object) int {
		n := cmp.Compare(fmt.Sprint(a[field]), fmt.Sprint(b[field]))
		if strings.EqualFold(order, "DESC") {
			return -n
		}
		return n
	})
}

// definition is Metric of monitoring 20180401.
func (n *namespace) definition(m *metric, e *emitter) object {
	dimensions := map[string]string{}
	for _, d := range n.dimensions {
		dimensions[d] = e.dimension(d)
	}
	return object{
		"namespace": n.name, "name": m.name, "resourceGroup": nil, "compartmentId": e.compartment.id, "dimensions": dimensions,
	}
}
