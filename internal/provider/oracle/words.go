package oracle

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/adsops/cloudtop/internal/cloud"
)

// mostWords bounds how many different words are kept: tags may hold anything.
const mostWords = 4096

// words keeps one copy of what comes with every resource: shapes, domains, tag keys.
type words struct {
	mu    sync.Mutex
	texts map[string]string
	boxed map[any]any
}

func newWords() *words { return &words{texts: map[string]string{}, boxed: map[any]any{}} }

// text returns the kept copy of s.
func (w *words) text(s string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.textLocked(s)
}

func (w *words) textLocked(s string) string {
	if kept, ok := w.texts[s]; ok {
		return kept
	}
	if len(w.texts) < mostWords {
		w.texts[s] = s
	}
	return s
}

// any returns the kept copy of a string or a number as an attribute's value.
func (w *words) any(v any) any {
	w.mu.Lock()
	defer w.mu.Unlock()
	if kept, ok := w.boxed[v]; ok {
		return kept
	}
	if len(w.boxed) < mostWords {
		w.boxed[v] = v
	}
	return v
}

// facts builds attributes in a fixed order, leaving out what is not there.
type facts struct {
	words *words
	attrs []cloud.Attr
}

func (f *facts) text(name, v string) {
	if v != "" {
		f.attrs = append(f.attrs, cloud.Attr{Name: name, Value: f.words.any(v)})
	}
}

func (f *facts) number(name string, v *float64) {
	if v != nil {
		f.attrs = append(f.attrs, cloud.Attr{Name: name, Value: f.words.any(*v)})
	}
}

// count is for whole numbers.
func (f *facts) count(name string, v *int) {
	if v != nil {
		f.attrs = append(f.attrs, cloud.Attr{Name: name, Value: *v})
	}
}

// yes keeps a flag that is set.
func (f *facts) yes(name string, v bool) {
	if v {
		f.attrs = append(f.attrs, cloud.Attr{Name: name, Value: true})
	}
}

func (f *facts) add(name string, v any) {
	f.attrs = append(f.attrs, cloud.Attr{Name: name, Value: v})
}

// tagged is the part of a resource that holds its tags.
type tagged struct {
	FreeformTags map[string]string         `json:"freeformTags"`
	DefinedTags  map[string]map[string]any `json:"definedTags"` // by namespace
}

// tags returns the free-form tags, and the defined ones as "Namespace.Key", sorted.
func (t *tagged) tags(w *words) []cloud.Tag {
	n := len(t.FreeformTags)
	for _, keys := range t.DefinedTags {
		n += len(keys)
	}
	if n == 0 {
		return nil
	}
	out := make([]cloud.Tag, 0, n)
	for k, v := range t.FreeformTags {
		out = append(out, cloud.Tag{Key: w.text(k), Value: w.text(v)})
	}
	for namespace, keys := range t.DefinedTags {
		for k, v := range keys {
			out = append(out, cloud.Tag{Key: w.text(namespace + "." + k), Value: w.text(fmt.Sprint(v))})
		}
	}
	slices.SortFunc(out, func(a, b cloud.Tag) int { return cmp.Compare(a.Key, b.Key) })
	return out
}
