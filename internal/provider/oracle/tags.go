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

// mostTagSets bounds how many sets of tags are kept: tags may hold anything.
const mostTagSets = 4096

// tagSets keeps the tags that many resources have, by how the answer writes them: each text is read once.
type tagSets struct {
	mu   sync.Mutex
	sets map[string][]cloud.Tag
}

// of returns the free-form tags, and the defined ones as "Namespace.Key", sorted.
func (t *tagSets) of(h *head) []cloud.Tag {
	if len(h.FreeformTags) <= len(`{}`) && len(h.DefinedTags) <= len(`{}`) {
		return nil
	}
	key := string(h.FreeformTags) + string(h.DefinedTags)
	t.mu.Lock()
	defer t.mu.Unlock()
	tags, ok := t.sets[key]
	if !ok {
		tags = readTags(h)
		if t.sets == nil || len(t.sets) >= mostTagSets {
			t.sets = map[string][]cloud.Tag{}
		}
		t.sets[key] = tags
	}
	return tags
}

func readTags(h *head) []cloud.Tag {
	var out []cloud.Tag
	add := func(key string, v any) {
		if v != nil {
			out = append(out, cloud.Tag{Key: key, Value: fmt.Sprint(v)})
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
	return out
}

// object reads a JSON object, whose numbers stay as they are written; what is none is empty.
func object(text json.RawMessage) map[string]any {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	var m map[string]any
	_ = in.Decode(&m)
	return m
}
