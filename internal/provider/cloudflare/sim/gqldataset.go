package cloudflaresim

import (
	"math"
	"slices"
	"strings"
	"time"
)

// dataset is one node of the schema's account type: what it counts, and by what it can be grouped.
type dataset struct {
	name     string
	uses     string        // whose use it counts
	times    []string      // its time dimensions
	step     time.Duration // of the finest
	stored   bool          // it holds sizes, not events
	labels   map[string]func(*profile) string
	variants []variant // what differs between the events of one resource
	measures map[column]measure
}

// measure computes a column of a cell.
type measure func(*cell) float64

// variant is a kind of event: its part of those that succeed and of those that fail.
type variant struct {
	labels    map[string]string
	good, bad float64
}

func (d *dataset) isTime(name string) bool { return slices.Contains(d.times, name) }

// stepOf returns what a time dimension is cut to.
func (d *dataset) stepOf(name string) time.Duration {
	switch name {
	case "date":
		return 24 * time.Hour
	case "datetimeSixHours":
		return 6 * time.Hour
	case "datetimeHour":
		return time.Hour
	case "datetimeFifteenMinutes":
		return 15 * time.Minute
	case "datetimeFiveMinutes":
		return 5 * time.Minute
	case "datetimeMinute":
		return time.Minute
	}
	if d.stored {
		return d.step
	}
	return time.Second
}

// has reports whether the dataset has a column.
func (d *dataset) has(group, name string) bool {
	if group == "dimensions" {
		return d.isTime(name) || d.labels[name] != nil || d.varies(name)
	}
	return d.measures[column{group, name}] != nil
}

// groups reports whether the dataset has columns of a group.
func (d *dataset) groups(group string) bool {
	if group == "dimensions" {
		return true
	}
	for c := range d.measures {
		if c.group == group {
			return true
		}
	}
	return false
}

func (d *dataset) varies(name string) bool {
	return len(d.variants) > 0 && d.variants[0].labels[name] != ""
}

// fieldNames lists the columns as settings do: "dimensions_scriptName", "sum_requests".
func (d *dataset) fieldNames() []string {
	var all []string
	for _, t := range d.times {
		all = append(all, "dimensions_"+t)
	}
	for l := range d.labels {
		all = append(all, "dimensions_"+l)
	}
	if len(d.variants) > 0 {
		for l := range d.variants[0].labels {
			all = append(all, "dimensions_"+l)
		}
	}
	for c := range d.measures {
		all = append(all, strings.TrimPrefix(c.group+"_"+c.name, "_"))
	}
	slices.Sort(all)
	return all
}

// numeric reports whether a dimension is a number in the schema.
func (d *dataset) numeric(name string) bool {
	return slices.Contains([]string{"responseStatusCode", "errorCode", "isDispatcher"}, name)
}

// whole reports whether a column is a whole number in the schema.
func (d *dataset) whole(c column) bool {
	if strings.HasPrefix(c.name, "duration") || c.name == "requestDuration" || strings.HasPrefix(c.name, "query") {
		return false
	}
	fractions := []string{"totalNeurons", "totalInputTokens", "totalOutputTokens", "totalAudioSeconds", "totalTiles", "sampleInterval"}
	return c.group != "quantiles" && !slices.Contains(fractions, c.name)
}

// variantsFor returns the variants as far as any of names tells them apart; one that stands for all where none does.
func (d *dataset) variantsFor(names []string) []variant {
	out := []variant{}
	for _, v := range d.variants {
		labels := map[string]string{}
		for name, value := range v.labels {
			if slices.Contains(names, name) {
				labels[name] = value
			}
		}
		if len(labels) == 0 {
			break
		}
		i := slices.IndexFunc(out, func(o variant) bool { return sameLabels(o.labels, labels) })
		if i < 0 {
			out = append(out, variant{labels: labels})
			i = len(out) - 1
		}
		out[i].good += v.good
		out[i].bad += v.bad
	}
	if len(out) == 0 {
		return []variant{{good: 1, bad: 1}}
	}
	return out
}

func sameLabels(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// cell returns the part of a resource's use that lies in a span and is of a variant. The variants' counts add up to
// the whole.
func (d *dataset) cell(u *profile, variants []variant, i int, a, b time.Time) cell {
	c := cell{use: u, a: a, b: b}
	if u.born.After(a) {
		c.a = u.born
	}
	if d.stored {
		if u.size.size > 0 || u.items.size > 0 {
			c.n = 1
		}
		return c
	}
	total := u.events.count(c.a, c.b)
	failed := math.Floor(total * u.bad)
	good := part(total-failed, i, variants, func(v *variant) float64 { return v.good })
	c.bad = part(failed, i, variants, func(v *variant) float64 { return v.bad })
	c.n = good + c.bad
	return c
}

// part returns the i-th variant's whole part of n events. The first variant that has a share takes what rounding leaves.
func part(n float64, i int, variants []variant, share func(*variant) float64) float64 {
	first := slices.IndexFunc(variants, func(v variant) bool { return share(&v) > 0 })
	if i != first {
		return math.Floor(n * min(share(&variants[i]), 1))
	}
	left := n
	for other := range variants {
		if other != first {
			left -= math.Floor(n * min(share(&variants[other]), 1))
		}
	}
	return left
}

// label returns a dimension of a cell.
func (d *dataset) label(name string, v *variant, c *cell) string {
	if d.isTime(name) {
		t := c.a.Truncate(d.stepOf(name))
		if name == "date" {
			return t.Format(time.DateOnly)
		}
		return t.UTC().Format(time.RFC3339)
	}
	if f := d.labels[name]; f != nil {
		return f(c.use)
	}
	return v.labels[name]
}
