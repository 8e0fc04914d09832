package tui

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/view"
)

func TestALineIsEdited(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ keys, want string }{
		{"a b c", "abc|"},
		{"a b c left left x", "ax|bc"},
		{"a b c home x right delete", "xa|c"},
		{"a b c left left end x", "abcx|"},
		{"a b backspace", "a|"},
		{"backspace delete left", "|"},
		{"a b c left ctrl+u", "|c"},
		{"a b c left left ctrl+k", "a|"},
		{"a b space c d ctrl+w", "ab |"},
		{"a b space space ctrl+w", "|"},
		{"デ ー タ left x", "デーx|タ"},
		{"a right right b", "ab|"},
		{"a f1", "a|"},
	} {
		var l line
		for k := range strings.FieldsSeq(c.keys) {
			key := tea.Key{Code: tea.KeyF1}
			if k != "f1" {
				key = tea.Key(press(k))
			}
			if used := l.key(key); used == (k == "f1") {
				t.Errorf("%s: key %s was taken: %v", c.keys, k, used)
			}
		}
		if got := string(l.text[:l.at]) + "|" + string(l.text[l.at:]); got != c.want {
			t.Errorf("%s: got %q, want %q", c.keys, got, c.want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("abc", "\x7f")
	f.Add("データ", "a\nb")
	f.Fuzz(func(t *testing.T, text, typed string) {
		l := newLine(strings.ToValidUTF8(text, ""))
		for _, name := range []string{"left", "ctrl+w", "right", "backspace", "delete", "ctrl+k"} {
			l.insert(typed)
			l.key(tea.Key(press(name)))
			if l.at < 0 || l.at > len(l.text) {
				t.Fatalf("the cursor is at %d of %d", l.at, len(l.text))
			}
		}
		added := newLine("")
		added.insert(typed)
		if s := added.String(); !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			t.Errorf("typing %q made %q", typed, s)
		}
	})
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	a := server("a", 1)
	for _, c := range []struct {
		name string
		x, y view.Row
		same bool
	}{
		{"values do not matter", view.Row{Resource: a}, view.Row{Resource: with(a, func(r *cloud.Resource) { r.Name, r.Status = "b", "" })}, true},
		{"the account does", view.Row{Resource: a}, view.Row{Resource: with(a, func(r *cloud.Resource) { r.Account = "b" })}, false},
		{"the service does", view.Row{Resource: a}, view.Row{Resource: with(a, func(r *cloud.Resource) { r.Service = "b" })}, false},
		{"the provider does", view.Row{Resource: a}, view.Row{Resource: with(a, func(r *cloud.Resource) { r.Provider = "b" })}, false},
		{"offers by id", view.Row{Offer: &cloud.Offer{ID: "1", GPUType: "A"}}, view.Row{Offer: &cloud.Offer{ID: "1", GPUType: "B"}}, true},
		{"offers without id by what they are", view.Row{Offer: &cloud.Offer{GPUType: "A", GPUCount: 1}}, view.Row{Offer: &cloud.Offer{GPUType: "A", GPUCount: 2}}, false},
		{"whatever their price", view.Row{Offer: &cloud.Offer{GPUType: "A"}}, view.Row{Offer: &cloud.Offer{GPUType: "A", PricePerHour: new(1.0)}}, true},
	} {
		if same := identify(&c.x) == identify(&c.y); same != c.same {
			t.Errorf("%s: got %v", c.name, same)
		}
	}
}

func TestVanishedRowsStandWhereTheyStood(t *testing.T) {
	t.Parallel()
	rows := func(names string) *inventory {
		var rows []view.Row
		for _, r := range names {
			rows = append(rows, view.Row{Resource: server(string(r), 1)})
		}
		return newInventory(rows)
	}
	for _, c := range []struct{ before, now, want string }{
		{"abc", "abc", "abc"},
		{"abc", "ac", "abc"},
		{"abc", "bc", "abc"},
		{"abc", "", "abc"},
		{"abc", "xyz", "abcxyz"},
		{"abcd", "ad", "abcd"},
		{"abc", "ca", "cab"},
		{"", "ab", "ab"},
	} {
		var got []string
		for _, r := range rows(c.now).with(rows(c.before)) {
			got = append(got, r.Resource.Name)
		}
		if s := strings.Join(got, ""); s != c.want {
			t.Errorf("%s after %s: got %s, want %s", c.now, c.before, s, c.want)
		}
	}
	if got := rows("ab").with(nil); len(got) != 2 {
		t.Errorf("without a round before: got %d rows", len(got))
	}
}

func TestTheWindowIsSharedOut(t *testing.T) {
	t.Parallel()
	on(t, 80, 24, func(s *screen) {
		busy(s)
		last := -1
		for height := 1; height < 60; height++ {
			s.height = height
			a := s.areas()
			used := a.rows + a.failures
			for _, line := range []bool{a.title, a.counts, a.notice, a.prompt, a.heading, a.keys} {
				if line {
					used++
				}
			}
			if used != height || a.rows < 1 || a.rows < last-6 {
				t.Errorf("height %d: %d lines are used, %d rows, after %d", height, used, a.rows, last)
			}
			last = a.rows
		}
		if a := s.areas(); !a.title || !a.counts || !a.notice || !a.keys || a.failures != 3 {
			t.Errorf("a large window lacks something: %+v", a)
		}
	})
}

func TestASearchIsAnExpressionOrAPart(t *testing.T) {
	t.Parallel()
	offer := view.Row{Offer: &cloud.Offer{ID: "4711", GPUType: "RTX 4090"}}
	for text, want := range map[string]bool{"4090": true, "rtx": true, "471": true, "h100": false, "": true, "gpu_type~4090": true} {
		s := newSearch(view.Offers, text)
		if got := s.match(&offer); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
	row := view.Row{Resource: server("Web", 50)}
	var kept []string
	for _, text := range []string{"web", "OCID1.web", "cpu>40", "cpu>60", "cpu>", "other"} {
		if s := newSearch(view.Resources, text); s.match(&row) {
			kept = append(kept, text)
		}
	}
	if want := []string{"web", "OCID1.web", "cpu>40"}; !slices.Equal(kept, want) {
		t.Errorf("kept by %q, want %q", kept, want)
	}
}
