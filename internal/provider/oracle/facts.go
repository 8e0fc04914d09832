package oracle

import "github.com/adsops/cloudtop/internal/cloud"

// facts builds attributes in a fixed order, leaving out what is not there.
type facts []cloud.Attr

func (f *facts) add(name string, v any) { *f = append(*f, cloud.Attr{Name: name, Value: v}) }

func (f *facts) text(name, v string) {
	if v != "" {
		f.add(name, v)
	}
}

func (f *facts) number(name string, n number) {
	if n.known {
		f.add(name, n.v)
	}
}

// count is for whole numbers.
func (f *facts) count(name string, n number) {
	if n.known {
		f.add(name, int(n.v))
	}
}

// yes keeps a flag that is set.
func (f *facts) yes(name string, v bool) {
	if v {
		f.add(name, true)
	}
}

func (f *facts) time(name string, m moment) {
	if !m.IsZero() {
		f.add(name, m.Time)
	}
}
