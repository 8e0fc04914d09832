package provider_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// named is an element that must have a name.
type named struct {
	Name loose.Text
	Size loose.Number
}

// TestWhatCannotBeReadIsCountedOverPages reads pages of one list and says where in the whole of it something is odd.
func TestWhatCannotBeReadIsCountedOverPages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		pages []string
		rows  []loose.Text
		len   int
		says  string // "" = all could be read
	}{
		{"no page", nil, nil, 0, ""},
		{"empty", []string{`[]`, `null`}, nil, 0, ""},
		{"all", []string{`[{"name":"a"},{"name":"b"}]`, `[{"name":"c"}]`}, []loose.Text{"a", "b", "c"}, 3, ""},
		{"a field of the first page", []string{`[{"name":"a"},{"name":"b","size":"many"}]`, `[{"name":"c"}]`}, []loose.Text{"a", "b", "c"}, 3,
			"not all of the answer can be read: [1]: size"},
		{"elements of both", []string{`[7,{"name":"a"}]`, `[{"name":"b"},[]]`}, []loose.Text{"a", "b"}, 4,
			"not all of the answer can be read: [0]: it is no object; [3]: it is no object"},
		{"without a name", []string{`[{},{"name":"a"},null]`, `[{"size":1}]`}, []loose.Text{"a"}, 4, "not all of the answer can be read: 3 incomplete"},
		{"a name that is none", []string{`[{"name":{"x":1}}]`}, nil, 1, "not all of the answer can be read: [0]: name; 1 incomplete"},
		{"more than is worth to say", []string{`[1,2]`, `[3,{"name":"a"}]`, `[5,6,{}]`}, []loose.Text{"a"}, 7,
			"not all of the answer can be read: [0]: it is no object; [1]: it is no object; [2]: it is no object; ...; 1 incomplete"},
	}
	for _, tt := range tests {
		var all provider.Unread
		var rows []loose.Text
		for _, page := range tt.pages {
			var l loose.List[named]
			if err := json.Unmarshal([]byte(page), &l); err != nil {
				t.Fatal(err)
			}
			got, unread := provider.Complete(&l, func(n *named) bool { return n.Name != "" })
			for _, n := range got {
				rows = append(rows, n.Name)
			}
			all.Add(unread)
		}
		err := all.Err("x: list")
		if !slices.Equal(rows, tt.rows) || all.Len() != tt.len || (err == nil) != (tt.says == "") {
			t.Errorf("%s: got %v of %d, %v, want %v of %d, %q", tt.name, rows, all.Len(), err, tt.rows, tt.len, tt.says)
		}
		if e, ok := errors.AsType[*cloud.Error](err); tt.says != "" && (!ok || e.Kind != cloud.KindPartial || e.Detail != tt.says) {
			t.Errorf("%s: got %v, want a partial error: %s", tt.name, err, tt.says)
		}
	}
}
