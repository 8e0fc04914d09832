package oracle

import (
	"slices"
	"testing"
)

func TestPathsTellCompartmentsApart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		all  []compartment
		want []string
	}{
		{"nothing but the tenancy", nil, []string{"root"}},
		{"nested", []compartment{
			{ID: "c", ParentID: "b", Name: "web"}, {ID: "b", ParentID: "t", Name: "prod"}, {ID: "d", ParentID: "c", Name: "eu"},
		}, []string{"root", "prod", "prod/web", "prod/web/eu"}},
		{"the tenancy among them", []compartment{{ID: "t", Name: "acme"}, {ID: "b", ParentID: "t", Name: "prod"}}, []string{"root", "prod"}},
		{"a parent that is not seen", []compartment{{ID: "c", ParentID: "hidden", Name: "web"}}, []string{"root", "web"}},
		{"two of one path", []compartment{{ID: "b", ParentID: "t", Name: "web"}, {ID: "c", ParentID: "hidden", Name: "web"}}, []string{"root", "c", "web"}},
		{"one that is called root", []compartment{{ID: "b", ParentID: "t", Name: "root"}}, []string{"root", "b"}},
		{"a circle", []compartment{{ID: "a", ParentID: "b", Name: "x"}, {ID: "b", ParentID: "a", Name: "y"}}, nil},
	} {
		got := newTree("t", tt.all)
		var paths []string
		for _, c := range got.compartments {
			paths = append(paths, c.path)
		}
		if tt.want != nil && !slices.Equal(paths, tt.want) {
			t.Errorf("%s: paths %q, want %q", tt.name, paths, tt.want)
		}
		for _, c := range got.compartments {
			if found, ok := got.find(c.path); !ok || found.ID != c.ID {
				t.Errorf("%s: %s leads to %+v, want %s", tt.name, c.path, found, c.ID)
			}
		}
	}
}
