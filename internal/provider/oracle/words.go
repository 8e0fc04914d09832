package oracle

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/adsops/cloudtop/internal/cloud"
)

// mostWords bounds how many different ones of a kind are kept: tags may hold anything.
const mostWords = 4096

// words keeps one copy of what comes with many resources: shapes, domains, states, sizes, sets of tags.
type words struct {
	mu      sync.Mutex
	texts   map[string]string
	boxed   map[any]any
	tagSets map[string][]cloud.Tag // by how the answer writes them
	sets    map[any][]cloud.Attr   // by what they are made of
}

func newWords() *words {
	return &words{
		texts: map[string]string{}, boxed: map[any]any{}, tagSets: map[string][]cloud.Tag{}, sets: map[any][]cloud.Attr{},
	}
}

// kept returns the copy of the value of key that is in m: a new one that build makes, where there is none.
func kept[K comparable, V any](mu *sync.Mutex, m map[K]V, key K, build func() V) V {
	mu.Lock()
	v, ok := m[key]
	mu.Unlock()
	if ok {
		return v
	}
	v = build()
	mu.Lock()
	defer mu.Unlock()
	if len(m) < mostWords {
		m[key] = v
	}
	return v
}

// text returns the kept copy of s.
func (w *words) text(s string) string { return kept(&w.mu, w.texts, s, func() string { return s }) }

// any returns the kept copy of a text or a number as an attribute's value.
func (w *words) any(v any) any { return kept(&w.mu, w.boxed, v, func() any { return v }) }

// attrs returns the attributes that follow from key alone, which can be compared: resources that are alike share them.
func (w *words) attrs(key any, fill func(*facts)) []cloud.Attr {
	return kept(&w.mu, w.sets, key, func() []cloud.Attr {
		f := facts{words: w, attrs: make([]cloud.Attr, 0, 12)}
		fill(&f)
		return slices.Clip(slices.Clone(f.attrs))
	})
}

// tags returns the free-form tags, and the defined ones as "Namespace.Key", sorted; resources with the same ones share
// them.
func (w *words) tags(h *head) []cloud.Tag {
	if len(h.FreeformTags) <= len(`{}`) && len(h.DefinedTags) <= len(`{}`) {
		return nil
	}
	return kept(&w.mu, w.tagSets, string(h.FreeformTags)+string(h.DefinedTags), func() []cloud.Tag {
		var out []cloud.Tag
		add := func(key string, v any) {
			if v != nil {
				out = append(out, cloud.Tag{Key: w.text(key), Value: w.text(fmt.Sprint(v))})
			}
		}
		for k, v := range object(h.FreeformTags) {
			add(k, v)
		}
		for namespace, v := range object(h.DefinedTags) {
			keys, ok := v.(map[string]any)
			if !ok {
				add(namespace, v)
			}
			for k, v := range keys {
				add(namespace+"."+k, v)
			}
		}
		slices.SortFunc(out, func(a, b cloud.Tag) int { return cmp.Compare(a.Key, b.Key) })
		return slices.Clip(out)
	})
}

// object reads a JSON object, whose numbers stay as they are written; what is none is empty.
func object(text json.RawMessage) map[string]any {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	var m map[string]any
	_ = in.Decode(&m)
	return m
}

// facts builds attributes in a fixed order, leaving out what is not there.
type facts struct {
	words *words
	attrs []cloud.Attr
}

func (f *facts) add(name string, v any) { f.attrs = append(f.attrs, cloud.Attr{Name: name, Value: v}) }

func (f *facts) text(name, v string) {
	if v != "" {
		f.add(name, f.words.any(v))
	}
}

func (f *facts) number(name string, n number) {
	if n.known {
		f.add(name, f.words.any(n.v))
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
