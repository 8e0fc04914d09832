package provider

import (
	"math"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
)

// Attrs collects the attributes of a resource or an offer in the order in which they are added, leaving out what is
// not there. The zero Attrs is ready.
type Attrs []cloud.Attr

// Add adds v, unless it says nothing: nil, "", no elements, the zero time, an unknown number or flag. A loose value or
// a pointer becomes what an attribute may hold: a whole number an int64, any other a float64.
func (a *Attrs) Add(name string, v any) {
	if v = plain(v); v != nil {
		*a = append(*a, cloud.Attr{Name: name, Value: v})
	}
}

// Reading adds a number that is not negative: a negative one stands for none.
func (a *Attrs) Reading(name string, n loose.Number) {
	if _, ok := n.Reading(); ok {
		a.Add(name, n)
	}
}

// plain returns v as an attribute's value, nil where it says nothing.
func plain(v any) any {
	switch v := v.(type) {
	case string:
		return unless(v == "", v)
	case loose.Text:
		return unless(v == "", string(v))
	case []string:
		return unless(len(v) == 0, v)
	case time.Time:
		return unless(v.IsZero(), v.UTC())
	case loose.Time:
		return plain(v.Time)
	case loose.Flag:
		return unless(!v.Known, v.Value)
	case loose.Number:
		return unless(!v.Known, number(v.Value))
	case *float64:
		if v == nil {
			return nil
		}
		return number(*v)
	}
	return v
}

func unless(empty bool, v any) any {
	if empty {
		return nil
	}
	return v
}

// number returns a whole number as int64 as far as a float64 holds them exactly.
func number(v float64) any {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return int64(v)
	}
	return v
}
