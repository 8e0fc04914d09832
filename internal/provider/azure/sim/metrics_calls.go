package azuresim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	batchMost = 50
	namesMost = 20
)

// metricQuery is a request for metrics, checked.
type metricQuery struct {
	kind         *kind
	namespace    string
	metrics      []int // of kind.metrics
	from, to     time.Time
	step         time.Duration
	steps        []step
	aggregations []string
	top          int
}

// step is one point's time.
type step struct {
	at   time.Time
	text string // {"timeStamp":"...", the beginning of its JSON
}

// serveBatch answers metrics:getBatch at a region's endpoint.
func (c *cloud) serveBatch(w http.ResponseWriter, r *http.Request, region string) {
	if p := c.authorize(r, metricsAudience); p != nil {
		p.write(w)
		return
	}
	if p := c.batch(w, r, region); p != nil {
		p.write(w)
	}
}

func (c *cloud) batch(w http.ResponseWriter, r *http.Request, region string) *problem {
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(path) != 3 || path[0] != "subscriptions" || path[2] != "metrics:getBatch" {
		return invalidPath(r)
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return notAllowed(r)
	}
	if p := checkVersion(r.URL.Query()); p != nil {
		return p
	}
	s, p := c.readable(strings.ToLower(path[1]), r)
	if p != nil {
		return p
	}
	all, p := c.batchIDs(w, r, s, region)
	if p != nil {
		return p
	}
	q, p := parseQuery(r.URL.Query(), all, "starttime", "endtime", c.world.Now())
	if p != nil {
		return p
	}
	out := q.room(len(all) * len(q.metrics))
	out = append(out, `{"values":[`...)
	for i, it := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"cost":59,"starttime":"`...)
		out = q.from.AppendFormat(out, time.RFC3339)
		out = append(out, `","endtime":"`...)
		out = q.to.AppendFormat(out, time.RFC3339)
		out = append(out, `","interval":"`+isoStep(q.step)+`","value":[`...)
		out = q.appendMetrics(out, it, published(c.world.Now()))
		out = append(out, `],"namespace":`...)
		out = sim.AppendJSON(out, q.namespace)
		out = append(out, `,"resourceregion":"`+region+`","resourceid":`...)
		out = append(sim.AppendJSON(out, it.id), '}')
	}
	write(w, http.StatusOK, append(out, "]}"...))
	return nil
}

// batchIDs reads {"resourceids":[...]}; its key must be lower case, and all must be of one subscription, region, type.
func (c *cloud) batchIDs(w http.ResponseWriter, r *http.Request, s *subscription, region string) ([]*resource, *problem) {
	var body map[string][]string
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&body); err != nil {
		return nil, badRequest("The request body is not valid: %s", err)
	}
	ids := body["resourceids"]
	switch {
	case len(ids) == 0:
		return nil, badRequest("The request body must have a property 'resourceids' with at least one resource ID.")
	case len(ids) > batchMost:
		return nil, badRequest("The number of resource IDs (%d) exceeds the maximum of %d.", len(ids), batchMost)
	}
	all := make([]*resource, len(ids))
	for i, id := range ids {
		it := c.byID[strings.ToLower(id)]
		switch {
		case it == nil:
			return nil, &problem{http.StatusNotFound, "ResourceNotFound", "The resource '" + id + "' was not found.", nil}
		case it.sub != s:
			return nil, badRequest("All resources must be in subscription '%s'.", s.id)
		case it.region != region:
			return nil, badRequest("Resource '%s' is in region '%s', not in '%s'.", id, it.region, region)
		case i > 0 && it.kind.lower != all[0].kind.lower:
			return nil, badRequest("All resources must be of the same type.")
		}
		all[i] = it
	}
	return all, nil
}

// metricsOfSubscription answers all resources of a region and type.
func (c *cloud) metricsOfSubscription(w http.ResponseWriter, r *http.Request, s *subscription) *problem {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return notAllowed(r)
	}
	v, p := subscriptionQuery(w, r)
	if p != nil {
		return p
	}
	region, filter := strings.ToLower(v.Get("region")), strings.ReplaceAll(v.Get("$filter"), " ", "")
	switch {
	case region == "":
		return badRequest("The region query parameter is required.")
	case !strings.EqualFold(filter, "Microsoft.ResourceIdeq'*'"):
		return badRequest("Metrics at subscription scope must be split by Microsoft.ResourceId.")
	}
	var all []*resource
	namespace := v.Get("metricnamespace")
	for _, it := range c.resources {
		if it.sub == s && it.region == region && strings.EqualFold(it.kind.lower, namespace) && !it.system {
			all = append(all, it)
		}
	}
	q, p := parseQuery(v, all, "timespan", "", c.world.Now())
	if p != nil {
		return p
	}
	all = all[:min(q.top, len(all))]
	out := append(q.room(len(all)*len(q.metrics)), q.head(region)...)
	last := published(c.world.Now())
	for i, m := range q.metrics {
		if i > 0 {
			out = append(out, ',')
		}
		out = q.appendHead(out, "/subscriptions/"+s.id, &q.kind.metrics[m])
		for j, it := range all {
			if j > 0 {
				out = append(out, ',')
			}
			out = append(out, `{"metadatavalues":[{"name":{"value":"Microsoft.ResourceId","localizedValue":"Microsoft.ResourceId"},"value":`...)
			out = sim.AppendText(out, it.lower)
			out = append(out, `}],"data":[`...)
			out = q.appendData(out, it, m, last)
			out = append(out, "]}"...)
		}
		out = append(out, `],"errorCode":"Success"}`...)
	}
	write(w, http.StatusOK, append(out, "]}"...))
	return nil
}

// subscriptionQuery is the query of a GET; a POST may tell all but the region in its body instead (armmonitor
// SubscriptionScopeMetricsRequestBodyParameters).
func subscriptionQuery(w http.ResponseWriter, r *http.Request) (url.Values, *problem) {
	v := r.URL.Query()
	if r.Method == http.MethodGet {
		return v, nil
	}
	var body map[string]any
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&body)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, badRequest("The request body is not valid: %s", err)
	}
	for name, value := range body {
		name = strings.ToLower(name)
		if name == "filter" {
			name = "$filter"
		}
		v.Set(name, text(value))
	}
	return v, nil
}

// metricsOfResource answers one resource.
func (c *cloud) metricsOfResource(w http.ResponseWriter, r *http.Request, id string) *problem {
	it := c.byID[id]
	switch {
	case r.Method != http.MethodGet:
		return notAllowed(r)
	case it == nil:
		return &problem{http.StatusNotFound, "ResourceNotFound", "The Resource '" + id + "' was not found.", nil}
	}
	q, p := parseQuery(r.URL.Query(), []*resource{it}, "timespan", "", c.world.Now())
	if p != nil {
		return p
	}
	out := q.appendMetrics(q.head(it.region), it, published(c.world.Now()))
	write(w, http.StatusOK, append(out, "]}"...))
	return nil
}

// parseQuery checks the parameters that all three calls share. from names the beginning, or the whole span where to is
// empty.
func parseQuery(v url.Values, all []*resource, from, to string, now time.Time) (*metricQuery, *problem) {
	q := &metricQuery{namespace: v.Get("metricnamespace"), step: time.Minute, top: 10, from: now.Add(-time.Hour), to: now}
	for _, k := range kinds() {
		if strings.EqualFold(k.lower, q.namespace) {
			q.kind = k
			break
		}
	}
	if q.namespace == "" && len(all) > 0 {
		q.kind, q.namespace = all[0].kind, all[0].kind.lower
	}
	if q.kind == nil || len(all) > 0 && all[0].kind.lower != q.kind.lower {
		return nil, badRequest("Failed to find metric configuration for provider: %s", q.namespace)
	}
	if p := q.readNames(v.Get("metricnames")); p != nil {
		return nil, p
	}
	if p := q.readTimes(v, from, to); p != nil {
		return nil, p
	}
	q.aggregations = []string{"average"}
	if a := v.Get("aggregation"); a != "" {
		q.aggregations = strings.Split(strings.ToLower(a), ",")
	}
	for _, a := range q.aggregations {
		if !slices.Contains([]string{"average", "total", "maximum", "minimum", "count"}, a) {
			return nil, badRequest("Invalid aggregation type: %s", a)
		}
	}
	if t := v.Get("top"); t != "" {
		n, err := strconv.Atoi(t)
		if err != nil || n < 1 {
			return nil, badRequest("Invalid value for top: %s", t)
		}
		q.top = n
	}
	return q, nil
}

func (q *metricQuery) readNames(names string) *problem {
	all := strings.Split(names, ",")
	switch {
	case names == "":
		return badRequest("The metricnames query parameter is required.")
	case len(all) > namesMost:
		return badRequest("The number of metric names (%d) exceeds the maximum of %d.", len(all), namesMost)
	}
	var valid []string
	for _, m := range q.kind.metrics {
		valid = append(valid, m.name)
	}
	for _, n := range all {
		i := slices.IndexFunc(valid, func(v string) bool { return strings.EqualFold(v, strings.TrimSpace(n)) })
		if i < 0 {
			provider, kind, _ := strings.Cut(q.kind.arm, "/")
			return badRequest("Failed to find metric configuration for provider: %s, resource Type: %s, metric: %s, Valid metrics: %s",
				provider, kind, n, strings.Join(valid, ","))
		}
		q.metrics = append(q.metrics, i)
	}
	return nil
}

func (q *metricQuery) readTimes(v url.Values, from, to string) *problem {
	begin, end := v.Get(from), v.Get(to)
	if to == "" {
		if plain, err := url.PathUnescape(begin); err == nil {
			begin = plain // the Azure CLI escapes it twice
		}
		begin, end, _ = strings.Cut(begin, "/")
	}
	for _, t := range []struct {
		text string
		into *time.Time
	}{{begin, &q.from}, {end, &q.to}} {
		if t.text == "" {
			continue
		}
		at, ok := clock(t.text)
		if !ok {
			return badRequest("Detected invalid time interval input: %s", t.text)
		}
		*t.into = at
	}
	if !q.from.Before(q.to) {
		return badRequest("Detected invalid time interval input: start time must be before end time.")
	}
	steps := map[string]time.Duration{
		"": time.Minute, "PT1M": time.Minute, "PT5M": 5 * time.Minute, "PT15M": 15 * time.Minute, "PT30M": 30 * time.Minute,
		"PT1H": time.Hour, "PT6H": 6 * time.Hour, "PT12H": 12 * time.Hour, "P1D": 24 * time.Hour, "PT24H": 24 * time.Hour,
	}
	step, ok := steps[v.Get("interval")]
	switch {
	case strings.EqualFold(v.Get("interval"), "FULL"): // one value for the whole span
		step = q.to.Sub(q.from)
	case !ok:
		return badRequest("Detected invalid time grain input: %s", v.Get("interval"))
	}
	if q.step = step; q.to.Sub(q.from)/step > 1440 {
		return badRequest("The time span has more than 1440 points.")
	}
	q.cut()
	return nil
}

// cut divides the span into steps.
func (q *metricQuery) cut() {
	for at := q.first(); at.Before(q.to); at = at.Add(q.step) {
		q.steps = append(q.steps, step{at, `{"timeStamp":"` + at.Format(time.RFC3339) + `"`})
	}
}

// room is where an answer of so many series is written: it seldom has to grow.
func (q *metricQuery) room(series int) []byte {
	return make([]byte, 0, 1<<10+series*(400+len(q.steps)*(40+35*len(q.aggregations))))
}

// clock reads a time; without a zone it is UTC.
func clock(v string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", time.DateOnly} {
		if at, err := time.Parse(layout, v); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

func isoStep(d time.Duration) string {
	switch {
	case d == 24*time.Hour:
		return "P1D"
	case d%time.Hour == 0:
		return "PT" + strconv.Itoa(int(d/time.Hour)) + "H"
	}
	return "PT" + strconv.Itoa(int(d/time.Minute)) + "M"
}

// head begins the answer of the two calls of Azure Resource Manager.
func (q *metricQuery) head(region string) []byte {
	return []byte(`{"cost":59,"timespan":"` + q.from.Format(time.RFC3339) + "/" + q.to.Format(time.RFC3339) + `","interval":"` +
		isoStep(q.step) + `","namespace":"` + q.namespace + `","resourceregion":"` + region + `","value":[`)
}

func (q *metricQuery) appendHead(out []byte, scope string, m *metric) []byte {
	out = append(out, `{"id":`...)
	out = sim.AppendJSON(out, scope+"/providers/Microsoft.Insights/metrics/"+m.name)
	out = append(out, `,"type":"Microsoft.Insights/metrics","name":{"value":"`...)
	out = append(append(append(out, m.name...), `","localizedValue":"`...), m.name...)
	out = append(append(out, `"},"displayDescription":"`...), m.name...)
	out = append(append(out, `","unit":"`...), m.unit...)
	return append(out, `","timeseries":[`...)
}

func (q *metricQuery) appendMetrics(out []byte, it *resource, last time.Time) []byte {
	for i, m := range q.metrics {
		if i > 0 {
			out = append(out, ',')
		}
		out = q.appendHead(out, it.id, &it.kind.metrics[m])
		out = append(out, `{"metadatavalues":[],"data":[`...)
		out = q.appendData(out, it, m, last)
		out = append(out, `]}],"errorCode":"Success"}`...)
	}
	return out
}

// first is when the first step begins.
func (q *metricQuery) first() time.Time {
	if q.step == q.to.Sub(q.from) {
		return q.from.Truncate(time.Minute)
	}
	return q.from.Truncate(q.step)
}

// appendData writes the steps; those that are not published yet, and those of what does not run, have no values.
func (q *metricQuery) appendData(out []byte, it *resource, m int, last time.Time) []byte {
	w, measured := it.wave(m), it.measured()
	for i := range q.steps {
		s := &q.steps[i]
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, s.text...)
		if measured && !s.at.After(last) {
			d := sample(w, &it.kind.metrics[m], s.at, q.step)
			for _, a := range q.aggregations {
				out = append(append(append(out, `,"`...), a...), `":`...)
				out = strconv.AppendFloat(out, d.by(a, q.step), 'g', -1, 64)
			}
		}
		out = append(out, '}')
	}
	return out
}
