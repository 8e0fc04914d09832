package oraclesim

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query is a metric query in the monitoring query language
// (docs.oracle.com/iaas/Content/Monitoring/Reference/mql.htm): metric[interval]{dimensions}.groupBy(...).statistic().
type query struct {
	metric    string
	interval  time.Duration
	filters   []filter
	groupBy   []string // nil = every stream by itself
	all       bool     // grouping(): all streams together
	statistic string
	percent   float64 // of percentile()
}

// filter is one condition on a dimension.
type filter struct{ dimension, op, value string }

// matches reports whether a dimension's value meets the condition. The fuzzy operators take alternatives between |,
// each with * for any run of characters.
func (f *filter) matches(v string) bool {
	switch f.op {
	case "=":
		return v == f.value
	case "!=":
		return v != f.value
	}
	like := slices.ContainsFunc(strings.Split(f.value, "|"), func(p string) bool { return wild(p, v) })
	return like == (f.op == "=~")
}

// wild matches s with a pattern in which * stands for any run of characters.
func wild(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return s == pattern
	}
	rest, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

func statistics() []string {
	return []string{"count", "first", "increment", "last", "max", "mean", "avg", "min", "percentile", "rate", "sum"}
}

// parseQuery reads a query.
func parseQuery(s string) (query, error) {
	var q query
	name, rest, ok := strings.Cut(s, "[")
	if q.metric = strings.TrimSpace(name); !ok || q.metric == "" || strings.ContainsAny(q.metric, " {}()\"") {
		return q, errors.New("expected metric[interval]")
	}
	interval, rest, ok := strings.Cut(rest, "]")
	if !ok {
		return q, errors.New("the interval does not end with ]")
	}
	var err error
	if q.interval, err = parseInterval(interval); err != nil {
		return q, err
	}
	rest = strings.TrimSpace(rest)
	if strings.HasPrefix(rest, "{") {
		if rest, err = q.parseFilters(rest[1:]); err != nil {
			return q, err
		}
	}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		if rest, err = q.parseCall(rest); err != nil {
			return q, err
		}
	}
	if q.statistic == "" {
		return q, errors.New("expected a statistic")
	}
	return q, nil
}

// parseInterval reads 1m to 60m, 1h to 24h, or 1d.
func parseInterval(s string) (time.Duration, error) {
	if len(s) < 2 {
		return 0, fmt.Errorf("the interval '%s' is not supported", s)
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	unit, most := time.Minute, 60
	switch s[len(s)-1] {
	case 'm':
	case 'h':
		unit, most = time.Hour, 24
	case 'd':
		unit, most = 24*time.Hour, 1
	default:
		most = 0
	}
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("the interval '%s' is not supported", s)
	}
	return time.Duration(n) * unit, nil
}

// parseFilters reads `dimension op "value", ...}` and returns what follows.
func (q *query) parseFilters(s string) (string, error) {
	for {
		s = strings.TrimSpace(s)
		at := strings.IndexAny(s, "=!")
		if at <= 0 {
			return "", errors.New("expected a dimension and an operator")
		}
		f := filter{dimension: strings.TrimSpace(s[:at])}
		for _, op := range []string{"=~", "!~", "!=", "="} {
			if strings.HasPrefix(s[at:], op) {
				f.op = op
				break
			}
		}
		if f.op == "" {
			return "", errors.New("expected one of = != =~ !~")
		}
		s = strings.TrimSpace(s[at+len(f.op):])
		if s == "" || s[0] != '"' && s[0] != '\'' {
			return "", errors.New("expected a value in quotes")
		}
		end := strings.IndexByte(s[1:], s[0])
		if end < 0 {
			return "", errors.New("a value's quotes are not closed")
		}
		f.value = s[1 : 1+end]
		q.filters = append(q.filters, f)
		s = strings.TrimSpace(s[end+2:])
		if rest, ok := strings.CutPrefix(s, "}"); ok {
			return rest, nil
		}
		var ok bool
		if s, ok = strings.CutPrefix(s, ","); !ok {
			return "", errors.New("expected , or }")
		}
	}
}

// parseCall reads `.name(arguments)` and returns what follows.
func (q *query) parseCall(s string) (string, error) {
	s, ok := strings.CutPrefix(s, ".")
	name, rest, opened := strings.Cut(s, "(")
	args, rest, closed := strings.Cut(rest, ")")
	name = strings.TrimSpace(name)
	switch {
	case !ok || !opened || !closed:
		return "", errors.New("expected .function()")
	case name == "groupBy" && q.statistic == "":
		for arg := range strings.SplitSeq(args, ",") {
			if arg = strings.TrimSpace(arg); arg == "" {
				return "", errors.New("groupBy needs dimensions")
			}
			q.groupBy = append(q.groupBy, arg)
		}
	case name == "grouping" && q.statistic == "":
		q.all = true
	case slices.Contains(statistics(), name) && q.statistic == "":
		q.statistic = name
		if name == "percentile" {
			var err error
			if q.percent, err = strconv.ParseFloat(strings.TrimSpace(args), 64); err != nil || !(q.percent >= 0 && q.percent <= 1) {
				return "", errors.New("percentile needs a number between 0 and 1")
			}
		}
	default:
		return "", fmt.Errorf("the function '%s' is not expected here", name)
	}
	return rest, nil
}

// value aggregates the raw values of one interval, of which there is at least one.
func (q *query) value(raw []float64) float64 {
	total := 0.0
	for _, v := range raw {
		total += v
	}
	switch q.statistic {
	case "count":
		return float64(len(raw))
	case "sum":
		return total
	case "rate":
		return (raw[len(raw)-1] - raw[0]) / q.interval.Seconds()
	case "increment":
		return raw[len(raw)-1] - raw[0]
	case "first":
		return raw[0]
	case "last":
		return raw[len(raw)-1]
	case "max":
		return slices.Max(raw)
	case "min":
		return slices.Min(raw)
	case "percentile":
		sorted := slices.Sorted(slices.Values(raw))
		return sorted[int(math.Round(q.percent*float64(len(sorted)-1)))]
	}
	return total / float64(len(raw))
}
