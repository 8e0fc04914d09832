package gcpsim

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

func seriesParams() []string {
	return []string{
		"aggregation.alignmentPeriod", "aggregation.crossSeriesReducer", "aggregation.groupByFields", "aggregation.perSeriesAligner",
		"filter", "interval.endTime", "interval.startTime", "orderBy", "pageSize", "pageToken", "secondaryAggregation.alignmentPeriod",
		"secondaryAggregation.crossSeriesReducer", "secondaryAggregation.groupByFields", "secondaryAggregation.perSeriesAligner", "view",
	}
}

// term is one condition of a filter: metric.labels.state = "used", resource.labels.zone != starts_with("us-").
var term = regexp.MustCompile(`^\s*([a-z_]+(?:\.[a-z_]+)*)\s*(!?=)\s*(starts_with\(\s*)?"([^"]*)"\s*(\)?)\s*$`)

// wish is what a call asks for.
type wish struct {
	kind       string // metric.type
	conditions []labelCondition
	from, to   time.Time
	period     time.Duration // of alignment
	aligner    string
	reducer    string
	groupBy    []string
	headers    bool // without points
}

// labelCondition is what a filter asks of a label, or of the resource's type.
type labelCondition struct {
	field, want string
	not, start  bool // the label differs; it only begins so
}

func (c *labelCondition) holds(got string) bool {
	same := got == c.want
	if c.start {
		same = strings.HasPrefix(got, c.want)
	}
	return same != c.not
}

// listSeries is projects.timeSeries.list.
func (c *cloud) listSeries(in *call) (any, *problem) {
	w, bad := readWish(in)
	if bad != nil {
		return nil, bad
	}
	m, ok := metricTypes()[w.kind]
	if ok && strings.HasPrefix(w.kind, "agent.googleapis.com/") {
		ok = c.written(&m, in.PathValue("project"))
	}
	if !ok {
		return nil, newProblem(http.StatusNotFound, `Cannot find metric(s) that match type = "`+w.kind+`". If a metric was created recently, it could take up to 10 minutes to become available. Please try again soon.`)
	}
	if !m.aligns(w) {
		return nil, invalid("Field aggregation.perSeriesAligner had an invalid value of \"" + w.aligner + "\": The aligner cannot be applied to metrics with kind " +
			m.kind + " and value type " + m.value + ".")
	}
	groups := c.groups(in, &m, w)
	per := max(len(w.ends(c.newest())), 1)
	most := 100_000
	if n, err := strconv.Atoi(in.query.Get("pageSize")); err == nil && n > 0 {
		most = min(n, most)
	}
	p, bad := in.seriesPage(len(groups), max(most/per, 1))
	if bad != nil {
		return nil, bad
	}
	return w.encode(in, &m, groups[p.from:p.to], p, c.newest()), nil
}

// written reports whether anything in a project has ever written a metric: what no agent writes is not known there.
func (c *cloud) written(m *metricType, project string) bool {
	any := false
	m.series(c, c.project(project), func(*series) { any = true })
	return any
}

func (in *call) seriesPage(n, size int) (page, *problem) {
	shifted := *in
	shifted.query = map[string][]string{"pageToken": in.query["pageToken"], "n": {strconv.Itoa(size)}}
	return shifted.pageOf(n, size, "n", false)
}

func readWish(in *call) (*wish, *problem) {
	field := func(name, why string) *problem {
		return invalid(`Field ` + name + ` had an invalid value of "` + in.query.Get(name) + `": ` + why)
	}
	w := &wish{
		aligner: in.query.Get("aggregation.perSeriesAligner"), reducer: in.query.Get("aggregation.crossSeriesReducer"), headers: in.query.Get("view") == "HEADERS",
	}
	for part := range strings.SplitSeq(in.query.Get("filter"), " AND ") {
		t := term.FindStringSubmatch(part)
		if t == nil || (t[3] == "") != (t[5] == "") {
			return nil, field("filter", "Could not parse filter.")
		}
		if t[1] == "metric.type" {
			if w.kind != "" || t[2] != "=" || t[3] != "" {
				return nil, field("filter", "The filter must specify exactly one metric type.")
			}
			w.kind = t[4]
			continue
		}
		w.conditions = append(w.conditions, labelCondition{strings.Replace(t[1], ".label.", ".labels.", 1), t[4], t[2] == "!=", t[3] != ""})
	}
	var err1, err2 error
	w.from, err1 = time.Parse(time.RFC3339, in.query.Get("interval.startTime"))
	w.to, err2 = time.Parse(time.RFC3339, in.query.Get("interval.endTime"))
	period, err3 := time.ParseDuration(in.query.Get("aggregation.alignmentPeriod"))
	w.period = max(period, time.Minute)
	switch {
	case w.kind == "":
		return nil, field("filter", "The filter must specify a single metric type.")
	case err1 != nil || err2 != nil || w.from.After(w.to):
		return nil, field("interval.endTime", "The start time must be before the end time (format RFC 3339).")
	case w.aligner != "" && w.aligner != "ALIGN_NONE" && (err3 != nil || period < time.Minute):
		return nil, field("aggregation.alignmentPeriod", "The period must be at least 60 seconds.")
	case period%time.Minute != 0:
		return nil, field("aggregation.alignmentPeriod", "The simulator aligns to whole minutes alone.")
	case w.reducer != "" && !w.percentile() &&
		!slices.Contains([]string{"REDUCE_NONE", "REDUCE_MEAN", "REDUCE_SUM", "REDUCE_MAX", "REDUCE_MIN"}, w.reducer):
		return nil, field("aggregation.crossSeriesReducer", "Unknown reducer.")
	}
	for _, g := range in.query["aggregation.groupByFields"] {
		w.groupBy = append(w.groupBy, strings.Replace(g, ".label.", ".labels.", 1))
	}
	return w, nil
}

// percentile reports whether the reducer is one of percentiles.
func (w *wish) percentile() bool {
	return slices.Contains([]string{"REDUCE_PERCENTILE_50", "REDUCE_PERCENTILE_95", "REDUCE_PERCENTILE_99"}, w.reducer)
}

// aligns reports whether an aligner can be applied (schema Aggregation, perSeriesAligner). Distributions as they stand
// are not sent: they are reduced to a percentile, and it is of them alone that there are reducers to percentiles here.
func (m *metricType) aligns(w *wish) bool {
	if w.percentile() {
		return m.value == "DISTRIBUTION" && w.aligner == "ALIGN_DELTA"
	}
	good := map[string][]string{
		"GAUGE DOUBLE":       {"", "ALIGN_NONE", "ALIGN_MEAN", "ALIGN_MAX", "ALIGN_MIN", "ALIGN_NEXT_OLDER"},
		"DELTA INT64":        {"", "ALIGN_NONE", "ALIGN_RATE", "ALIGN_DELTA", "ALIGN_SUM"},
		"DELTA DISTRIBUTION": {"ALIGN_PERCENTILE_50", "ALIGN_PERCENTILE_95", "ALIGN_PERCENTILE_99"},
	}
	return slices.Contains(good[m.kind+" "+m.value], w.aligner)
}

// ends returns the ends of the aligned periods of the interval, the newest first.
func (w *wish) ends(newest time.Time) []time.Time {
	var out []time.Time
	at := w.to.Truncate(time.Minute)
	if at.After(newest) {
		at = newest
	}
	for ; at.After(w.from); at = at.Add(-w.period) {
		out = append(out, at)
	}
	return out
}

// group is the series that a reducer makes one of.
type group struct {
	resource, metric map[string]string
	members          []*series
}

// groups returns what is sent, ordered as the series are found.
func (c *cloud) groups(in *call, m *metricType, w *wish) []*group {
	var out []*group
	byKey := map[string]*group{}
	m.series(c, c.project(in.PathValue("project")), func(s *series) {
		if !w.matches(m, s) {
			return
		}
		if w.reducer == "" || w.reducer == "REDUCE_NONE" {
			out = append(out, &group{s.resource, s.metric, []*series{s}})
			return
		}
		g := &group{resource: map[string]string{"project_id": s.resource["project_id"]}, metric: map[string]string{}}
		var key strings.Builder
		for _, field := range w.groupBy {
			v := s.label(field)
			key.WriteString(v + "\x00")
			if label, ok := strings.CutPrefix(field, "resource.labels."); ok {
				g.resource[label] = v
			} else if label, ok := strings.CutPrefix(field, "metric.labels."); ok {
				g.metric[label] = v
			}
		}
		old := byKey[key.String()]
		if old == nil {
			byKey[key.String()], old = g, g
			out = append(out, g)
		}
		old.members = append(old.members, s)
	})
	return out
}

func (s *series) label(field string) string {
	if label, ok := strings.CutPrefix(field, "resource.labels."); ok {
		return s.resource[label]
	}
	return s.metric[strings.TrimPrefix(field, "metric.labels.")]
}

func (w *wish) matches(m *metricType, s *series) bool {
	for i := range w.conditions {
		c := &w.conditions[i]
		got := m.resource
		if c.field != "resource.type" {
			got = s.label(c.field)
		}
		if !c.holds(got) {
			return false
		}
	}
	return true
}

// value aligns the samples of a period and reduces the series of a group. The percentile of several distributions is
// the mean of theirs, which is exact of those that are alike.
func (w *wish) value(m *metricType, g *group, at time.Time) float64 {
	out := 0.0
	for i, s := range g.members {
		v := w.aligned(m, s, at)
		switch {
		case w.reducer == "REDUCE_MAX" && i > 0:
			out = max(out, v)
		case w.reducer == "REDUCE_MIN" && i > 0:
			out = min(out, v)
		default:
			out += v
		}
	}
	if w.reducer == "REDUCE_MEAN" || w.percentile() {
		out /= float64(len(g.members))
	}
	return out
}

// aligned makes one value of the samples of the period that ends at a time.
func (w *wish) aligned(m *metricType, s *series, end time.Time) float64 {
	n := int(w.period / time.Minute)
	if w.aligner == "" || w.aligner == "ALIGN_NONE" || w.aligner == "ALIGN_NEXT_OLDER" {
		n = 1
	}
	var sum, low, high float64
	for i := range n {
		v := s.sample(m.value == "INT64", end.Add(-time.Duration(i)*time.Minute))
		sum += v
		if i == 0 || v < low {
			low = v
		}
		high = max(high, v)
	}
	mean := sum / float64(n)
	if w.reducer == "REDUCE_PERCENTILE_95" || w.reducer == "REDUCE_PERCENTILE_99" {
		return mean * s.ranks
	}
	if w.percentile() {
		return mean
	}
	switch w.aligner {
	case "ALIGN_RATE":
		return mean / 60
	case "ALIGN_PERCENTILE_95", "ALIGN_PERCENTILE_99":
		return mean * s.ranks
	case "ALIGN_DELTA", "ALIGN_SUM":
		return sum
	case "ALIGN_MIN":
		return low
	case "ALIGN_MAX":
		return high
	}
	return mean
}

// raw reports whether samples are sent as they stand, of their own type.
func (w *wish) raw() bool {
	return !w.percentile() && slices.Contains([]string{"", "ALIGN_NONE", "ALIGN_DELTA", "ALIGN_SUM"}, w.aligner)
}

// kinds are the kind and the type of the values that are sent.
func (w *wish) kinds(m *metricType) string {
	if w.raw() {
		return `"metricKind":"` + m.kind + `","valueType":"` + m.value + `"`
	}
	return `"metricKind":"GAUGE","valueType":"DOUBLE"`
}

// unit is that of the points: a rate is per second.
func (w *wish) unit(m *metricType) string {
	if w.aligner == "ALIGN_RATE" {
		return m.unit + "/s"
	}
	return m.unit
}

// encode writes the answer by hand: it can be large.
func (w *wish) encode(in *call, m *metricType, groups []*group, p page, newest time.Time) *bytes.Buffer {
	ends := w.ends(newest)
	b := bytes.NewBuffer(make([]byte, 0, 1<<10+len(groups)*(400+120*len(ends))))
	b.WriteByte('{')
	sel := func(path ...string) bool { return in.mask.has(append([]string{"timeSeries"}, path...)...) }
	if len(groups) > 0 && len(ends) > 0 && sel() {
		b.WriteString(`"timeSeries":[`)
		kind, kinds := "", ""
		if sel("metric", "type") {
			kind = `"type":"` + w.kind + `",`
		}
		if sel("metricKind") && sel("valueType") {
			kinds = w.kinds(m) + ","
		}
		labelled := sel("metric", "labels")
		intervals := w.intervals(ends, sel("points", "interval", "startTime"))
		for i, g := range groups {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('{')
			if labelled {
				b.WriteString(`"metric":{` + kind + `"labels":`)
				b.Write(sim.AppendJSON(b.AvailableBuffer(), g.metric))
				b.WriteString(`},`)
			}
			b.WriteString(kinds)
			b.WriteString(`"resource":{"type":"` + m.resource + `","labels":`)
			b.Write(sim.AppendJSON(b.AvailableBuffer(), g.resource))
			b.WriteString(`},"points":[`)
			if !w.headers {
				w.points(b, m, g, ends, intervals)
			}
			b.WriteString("]}")
		}
		b.WriteByte(']')
	}
	for _, field := range [][2]string{{"nextPageToken", p.next}, {"unit", w.unit(m)}} {
		if field[1] == "" || !in.mask.has(field[0]) {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + field[0] + `":"` + field[1] + `"`)
	}
	b.WriteByte('}')
	return b
}

// points writes the newest first. What is aligned is a double; samples as they stand keep their type.
func (w *wish) points(b *bytes.Buffer, m *metricType, g *group, ends []time.Time, intervals []string) {
	whole := w.raw() && m.value == "INT64"
	for i, at := range ends {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(intervals[i])
		v := w.value(m, g, at)
		if whole {
			b.WriteString(`"int64Value":"`)
			b.Write(strconv.AppendInt(b.AvailableBuffer(), int64(v), 10))
			b.WriteString(`"}}`)
		} else {
			b.WriteString(`"doubleValue":`)
			b.Write(strconv.AppendFloat(b.AvailableBuffer(), v, 'g', -1, 64))
			b.WriteString(`}}`)
		}
	}
}

// intervals are the beginnings of the points, up to their values.
func (w *wish) intervals(ends []time.Time, start bool) []string {
	all := make([]string, len(ends))
	for i, at := range ends {
		s := `{"interval":{`
		if start {
			s += `"startTime":"` + at.Add(-w.period).Format(time.RFC3339) + `",`
		}
		all[i] = s + `"endTime":"` + at.Format(time.RFC3339) + `"},"value":{`
	}
	return all
}
