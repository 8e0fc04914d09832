package vastai

import (
	"math"

	"github.com/adsops/cloudtop/internal/cloud"
)

// attrs collects what is present, in the order in which it is added.
type attrs []cloud.Attr

func (a *attrs) add(name string, v any) { *a = append(*a, cloud.Attr{Name: name, Value: v}) }

func (a *attrs) text(name string, w word) {
	if w != "" {
		a.add(name, string(w))
	}
}

// number adds a whole number as int64, any other as float64.
func (a *attrs) number(name string, n number) {
	switch {
	case !n.known:
	case n.value == math.Trunc(n.value) && math.Abs(n.value) < 1<<53:
		a.add(name, int64(n.value))
	default:
		a.add(name, n.value)
	}
}

// reading adds a number that is not negative: a negative one stands for none.
func (a *attrs) reading(name string, n number) {
	if _, ok := n.reading(); ok {
		a.number(name, n)
	}
}

// gigabytes adds a size that is told in MB.
func (a *attrs) gigabytes(name string, mb number) {
	if v := gigabytes(mb); v > 0 {
		a.add(name, v)
	}
}

func (a *attrs) flag(name string, f flag) {
	if f.known {
		a.add(name, f.value)
	}
}

func (a *attrs) time(name string, n number) {
	if at := n.time(); !at.IsZero() {
		a.add(name, at)
	}
}

func (a *attrs) list(name string, all []string) {
	if len(all) > 0 {
		a.add(name, all)
	}
}

// gigabytes converts a size in the API's MB, to a tenth. They are binary: gpu_ram of a card with 24 GB is 24576, or
// 24564 as the driver reports it. 0 = unknown.
func gigabytes(mb number) float64 {
	if v, ok := mb.reading(); ok {
		return round1(v / 1024)
	}
	return 0
}

// round1 rounds to a tenth.
func round1(v float64) float64 { return math.Round(v*10) / 10 }
